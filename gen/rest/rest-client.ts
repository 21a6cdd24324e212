// Copied by npm run gen from tools/rest/rest-client.ts. Do not edit.
/**
 * How a request travels: over `fetch`, with deadlines, problem details as errors, and repeats where they are safe. Needs nothing
 * but what browsers and Node have.
 */
import { operations, type Operation } from "./operations.ts";
import type { Operations } from "./types.ts";

export type OperationId = keyof Operations;
/** What an operation takes: `path`, `query` and `body` as far as it has them, and its own headers in camelCase. */
export type RequestOf<Id extends OperationId> = Operations[Id]["request"];
export type AnswerOf<Id extends OperationId> = Operations[Id]["answer"];
/** The codes that an operation refuses with, beside those that every operation may answer. */
export type CodeOf<Id extends OperationId> = Operations[Id]["code"];

/** How one request is sent. */
export interface SendOptions {
  /** In place of the client's own token; `null` sends none. */
  readonly token?: string | null | undefined;
  /** Until the answer is read. In place of the client's own limit. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Such as `if-none-match`; they win over the client's own. */
  readonly headers?: { readonly [name: string]: string } | undefined;
  /**
   * How often the request may be sent again when no answer came, or 429, 502, 503 or 504. Only for what can be repeated without
   * harm: GET, PUT, DELETE, and whatever carries an idempotency key. Anything else is sent once.
   */
  readonly retries?: number | undefined;
}

/** A request as it goes out. */
export interface WireRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: { [name: string]: string };
  readonly body: string | Uint8Array<ArrayBuffer> | undefined;
  /** A good answer to it is bytes, not text. */
  readonly isFile: boolean;
  readonly signal: AbortSignal;
}

/** An answer as it came. Names of headers are in lower case. */
export interface WireAnswer {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  /** "" where the answer is a file. */
  readonly text: string;
  /** The bytes of a file; absent where none was asked for, or it was refused. */
  readonly bytes?: Uint8Array<ArrayBuffer> | undefined;
}

/** Carries one request; throws when no answer comes. */
export type Transport = (request: WireRequest) => Promise<WireAnswer>;

/** A whole answer, for those who need more than what is in it. */
export interface Answer<T> {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  /** Undefined after 204 and 304. */
  readonly body: T | undefined;
}

export interface FieldProblem {
  readonly path: string;
  readonly message: string;
}

/** The members of a problem (RFC 9457) that this API answers with; some codes add their own. */
export interface ProblemBody {
  readonly code?: string;
  readonly detail?: string;
  readonly requestId?: string;
  readonly errors?: readonly FieldProblem[];
  readonly [member: string]: unknown;
}

/**
 * A refusal of the API. That no answer came is one too: status 503 and code API_UNREACHABLE, and nobody knows whether the request
 * was carried out; `cause` says why.
 */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly status: number;
  /** Stable, for programs. */
  readonly code: string;
  /** A full sentence for the caller. */
  readonly detail: string;
  /** The fields that are wrong, when the request is not valid. */
  readonly errors: readonly FieldProblem[];
  readonly requestId: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  /** Everything the problem says. */
  readonly body: ProblemBody;

  constructor(status: number, body: ProblemBody, retryAfter?: string, cause?: unknown) {
    super(`${status} ${body.code ?? "without a code"}: ${body.detail ?? ""}`, { cause });
    this.status = status;
    this.code = body.code ?? "UNKNOWN";
    this.detail = body.detail ?? "";
    this.errors = body.errors ?? [];
    this.requestId = body.requestId;
    this.retryAfterSeconds = /^\d{1,6}$/.test(retryAfter ?? "") ? Number(retryAfter) : undefined;
    this.body = body;
  }
}

export interface ClientOptions {
  /** Where the shop is, such as `https://shop.example`. Not needed with a transport of your own. */
  readonly baseUrl?: string | undefined;
  /** From login, registration, refresh or the guest endpoint. */
  readonly token?: string | undefined;
  /** Of one request, repeats apart. Default: 30 seconds. */
  readonly timeoutMs?: number | undefined;
  /** Sent with every request. */
  readonly headers?: { readonly [name: string]: string } | undefined;
  /** In place of `fetch`. */
  readonly transport?: Transport | undefined;
}

export class RestClient {
  protected readonly options: ClientOptions;
  readonly #transport: Transport;

  constructor(options: ClientOptions) {
    this.options = options;
    this.#transport = options.transport ?? fetchTransport(options.baseUrl ?? "");
  }

  /** What the operation answers. Throws an ApiProblem. */
  async call<Id extends OperationId>(
    id: Id,
    request: RequestOf<Id>,
    options: SendOptions = {},
  ): Promise<AnswerOf<Id>> {
    return (await this.send(id, request, options)).body as AnswerOf<Id>;
  }

  /** The same with status and headers, such as an ETag; 304 is an answer here. */
  async send<Id extends OperationId>(
    id: Id,
    request: RequestOf<Id>,
    options: SendOptions = {},
  ): Promise<Answer<AnswerOf<Id>>> {
    return (await this.#send(operations[id], request as FreeRequest, options)) as Answer<AnswerOf<Id>>;
  }

  /**
   * What an endpoint answers that is not in the document, such as one of an extension of the shop: `{name}` in its path is filled
   * from `path` of the request, the rest is as ever. Throws an ApiProblem.
   */
  async request(
    method: string,
    path: string,
    request: FreeRequest = {},
    options: SendOptions = {},
  ): Promise<unknown> {
    const headers = { idempotencyKey: "Idempotency-Key" };
    const operation = { method, path, answers: "application/json", headers };
    return (await this.#send(operation, request, options)).body;
  }

  async #send(operation: Operation, values: FreeRequest, options: SendOptions): Promise<Answer<unknown>> {
    const sent = {
      operation,
      path: pathOf(operation, values.path) + queryOf(values.query),
      headers: this.#headersOf(operation, values, options),
      body: bodyText(values.body),
    };
    const isRepeatable = /^(GET|PUT|DELETE)$/.test(operation.method) || values.idempotencyKey !== undefined;
    for (let left = isRepeatable ? (options.retries ?? 0) : 0, tried = 1; ; left -= 1, tried += 1) {
      try {
        return await this.#once(sent, options);
      } catch (error) {
        if (left <= 0 || !(error instanceof ApiProblem) || !repeatedStatuses.has(error.status)) throw error;
        await pause(pauseMs(error, tried), options.signal);
      }
    }
  }

  async #once(sent: PreparedRequest, options: SendOptions): Promise<Answer<unknown>> {
    const limit = AbortSignal.timeout(options.timeoutMs ?? this.options.timeoutMs ?? 30_000);
    const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
    const { operation, path, headers, body } = sent;
    const { method, isFile = false } = operation;
    const request = { method, path, headers, body, isFile, signal };
    const answer = await this.#transport(request).catch((cause: unknown) => {
      if (options.signal?.aborted) throw cause;
      const detail = "The shop does not answer at the moment.";
      throw new ApiProblem(503, { code: "API_UNREACHABLE", detail }, undefined, cause);
    });
    const { status, text, bytes, header } = answer;
    if (status >= 400) throw new ApiProblem(status, problemBody(text), header("retry-after"));
    if (isFile) return { status, header, body: status === 304 ? undefined : bytes };
    return { status, header, body: text === "" ? undefined : bodyOf(operation, text) };
  }

  #headersOf(operation: Operation, request: FreeRequest, options: SendOptions): { [name: string]: string } {
    const headers: { [name: string]: string } = { accept: operation.answers, ...this.options.headers };
    const token = options.token === undefined ? this.options.token : options.token;
    if (token !== undefined && token !== null) headers["authorization"] = `Bearer ${token}`;
    if (request.body !== undefined) headers["content-type"] = "application/json";
    for (const [field, name] of Object.entries(operation.headers ?? {})) {
      const value = request[field];
      if (typeof value === "string") headers[name] = value;
    }
    return options.headers ? { ...headers, ...options.headers } : headers;
  }
}

/** A request of any operation. */
export interface FreeRequest {
  readonly path?: { readonly [name: string]: string };
  readonly query?: { readonly [name: string]: QueryValue };
  readonly body?: unknown;
  readonly idempotencyKey?: string;
  readonly [header: string]: unknown;
}

type QueryValue = string | number | boolean | readonly string[] | undefined;

interface PreparedRequest {
  readonly operation: Operation;
  readonly path: string;
  readonly headers: { [name: string]: string };
  readonly body: WireRequest["body"];
}

const repeatedStatuses = new Set([429, 502, 503, 504]);

/** Dots and nothing name no thing, but would lead to another path. */
function pathOf({ path }: Operation, values: FreeRequest["path"] = {}): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name] ?? "";
    if (!/^\.{0,2}$/.test(value)) return encodeURIComponent(value);
    throw new ApiProblem(404, { code: "NOT_FOUND", detail: `"${value}" is not a ${name}.` });
  });
}

function queryOf(query: FreeRequest["query"] = {}): string {
  const pairs: [string, string][] = [];
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) pairs.push([name, typeof value === "object" ? value.join(",") : String(value)]);
  return pairs.length === 0 ? "" : `?${new URLSearchParams(pairs).toString()}`;
}

/** A file goes out as it is, anything else as JSON. */
function bodyText(body: unknown): WireRequest["body"] {
  if (body === undefined) return undefined;
  return body instanceof Uint8Array ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body);
}

function bodyOf({ method, path, answers }: Operation, text: string): unknown {
  if (answers !== "application/json") return text;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`What answered ${method} ${path} is no shop: the answer is not JSON.`, { cause });
  }
}

function problemBody(text: string): ProblemBody {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null ? (body as ProblemBody) : {};
  } catch {
    return {};
  }
}

const pauseMaxMs = 30_000;

/** As long as the shop asks for, else a little longer each time; never in step with others. */
function pauseMs({ retryAfterSeconds }: ApiProblem, tried: number): number {
  if (retryAfterSeconds !== undefined) return Math.min(retryAfterSeconds * 1_000, pauseMaxMs);
  return Math.min(100 * 2 ** tried, pauseMaxMs) * (0.5 + Math.random() / 2);
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

function fetchTransport(baseUrl: string): Transport {
  const base = baseUrl.replace(/\/+$/, "");
  return async ({ method, path, headers, body, isFile, signal }) => {
    const response = await fetch(base + path, {
      method,
      headers,
      signal,
      ...(body === undefined ? {} : { body }),
    });
    const { status } = response;
    const header = (name: string) => response.headers.get(name) ?? undefined;
    if (isFile && response.ok)
      return { status, header, text: "", bytes: new Uint8Array(await response.arrayBuffer()) };
    return { status, header, text: await response.text() };
  };
}
