// The one connection the storefront has: HTTP to the gateway's REST API, over a pool of its own.
import { Pool } from "undici";
import { signServiceName } from "#platform/auth/service-proof.ts";
import type { Clock } from "#platform/kit/clock.ts";
import { traceparentOf, type TraceContext } from "#platform/telemetry/trace.ts";

export interface ApiRequest {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: { readonly [name: string]: string | undefined };
  readonly body?: unknown;
  readonly timeoutMs?: number;
}

/** On whose behalf a request is made. */
export interface ApiCaller {
  readonly token?: string | undefined;
  readonly requestId: string;
  readonly trace: TraceContext;
  readonly clientAddress: string;
}

export interface FieldProblem {
  readonly path: string;
  readonly message: string;
}

/** A refusal of the API, or that it did not answer (status 503, code API_UNREACHABLE). */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors: readonly FieldProblem[];
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, body: ProblemBody, retryAfter?: string, cause?: unknown) {
    super(`${status} ${body.code ?? "without a code"}: ${body.detail ?? ""}`, { cause });
    this.status = status;
    this.code = body.code ?? "UNKNOWN";
    this.detail = body.detail ?? "";
    this.errors = body.errors ?? [];
    this.retryAfterSeconds = /^\d{1,6}$/.test(retryAfter ?? "") ? Number(retryAfter) : undefined;
  }
}

interface ProblemBody {
  readonly code?: string;
  readonly detail?: string;
  readonly errors?: readonly FieldProblem[];
}

export interface ApiOptions {
  readonly apiUrl: () => string;
  readonly serviceKey: string;
  readonly connectionsMax: number;
  readonly clock: Clock;
}

/** A page that shows something waits no longer than this; one that changes something has to know how it ended. */
const readTimeoutMs = 2_000;
const writeTimeoutMs = 12_000;

export class Api {
  readonly #options: ApiOptions;
  #pool: Pool | undefined;
  #proof = { text: "", madeMs: Number.NEGATIVE_INFINITY };

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  /** The parsed answer; undefined for 204. Throws an ApiProblem. A GET is sent again once when its connection breaks. */
  async send<T>(request: ApiRequest, caller: ApiCaller): Promise<T> {
    try {
      return await this.#once<T>(request, caller);
    } catch (error) {
      const isSafe = (request.method ?? "GET") === "GET";
      if (!isSafe || !(error instanceof ApiProblem) || !isBrokenConnection(error.cause)) throw error;
      return await this.#once<T>(request, caller);
    }
  }

  async close(): Promise<void> {
    await this.#pool?.destroy();
  }

  async #once<T>({ method = "GET", path, query, body, timeoutMs }: ApiRequest, caller: ApiCaller) {
    const headers: Record<string, string> = {
      accept: "application/json",
      "x-stoa-service": this.#serviceProof(),
      "x-stoa-client-address": caller.clientAddress,
      "x-request-id": caller.requestId,
      traceparent: traceparentOf(caller.trace),
    };
    if (caller.token !== undefined) headers["authorization"] = `Bearer ${caller.token}`;
    if (body !== undefined) headers["content-type"] = "application/json";
    const answer = await this.#answer({
      method,
      path: withQuery(path, query),
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs ?? (method === "GET" ? readTimeoutMs : writeTimeoutMs)),
    });
    if (answer.status >= 400)
      throw new ApiProblem(answer.status, problemBody(answer.text), answer.retryAfter);
    return (answer.text === "" ? undefined : JSON.parse(answer.text)) as T;
  }

  async #answer(options: Parameters<Pool["request"]>[0]) {
    try {
      const { statusCode, headers, body } = await this.#openPool().request(options);
      const retryAfter = headers["retry-after"];
      const text = await body.text();
      return {
        status: statusCode,
        text,
        retryAfter: typeof retryAfter === "string" ? retryAfter : undefined,
      };
    } catch (error) {
      const detail = "The shop does not answer at the moment.";
      throw new ApiProblem(503, { code: "API_UNREACHABLE", detail }, undefined, error);
    }
  }

  /** The address is known only once the listeners are open, so the pool opens with the first page. */
  #openPool(): Pool {
    this.#pool ??= new Pool(this.#options.apiUrl(), {
      connections: this.#options.connectionsMax,
      pipelining: 1,
      keepAliveTimeout: 30_000,
      connect: { timeout: 2_000 },
    });
    return this.#pool;
  }

  #serviceProof(): string {
    const { clock, serviceKey } = this.#options;
    if (clock.monotonicMs() - this.#proof.madeMs > proofFreshMs) {
      const text = signServiceName("storefront", serviceKey, clock.now().getTime());
      this.#proof = { text, madeMs: clock.monotonicMs() };
    }
    return this.#proof.text;
  }
}

/** Proofs are good for five minutes. */
const proofFreshMs = 60_000;

function withQuery(path: string, query: ApiRequest["query"] = {}): string {
  const wanted = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return wanted.length === 0 ? path : `${path}?${new URLSearchParams(wanted).toString()}`;
}

function problemBody(text: string): ProblemBody {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null ? body : {};
  } catch {
    return {};
  }
}

/** The other side closed a kept-alive connection just as we wrote to it. */
function isBrokenConnection(cause: unknown): boolean {
  const code = (cause as { code?: unknown } | undefined)?.code;
  return code === "UND_ERR_SOCKET" || code === "ECONNRESET" || code === "EPIPE";
}
