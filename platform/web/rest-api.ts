// The one connection a service of pages has: HTTP to the REST API, over a pool of its own.
import {
  RestClient,
  type Answer,
  type AnswerOf,
  type FreeRequest,
  type OperationId,
  type RequestOf,
  type WireAnswer,
  type WireRequest,
} from "#gen/rest/rest-client.ts";
import { operations } from "#gen/rest/operations.ts";
import { bodyHash, signCall } from "#platform/auth/service-proof.ts";
import { clientHeaders, currencyHeader, proofHeader, provenRequest } from "#platform/http/sender.ts";
import { sendGuarded } from "#platform/http/guarded.ts";
import { HttpPool, passOver, readBody } from "#platform/http/http-pool.ts";
import type { HttpTls } from "#platform/http/http-tls.ts";
import { timeLeftHeader, timeLeftMs } from "#platform/http/time-left.ts";
import type { HttpRequest } from "#platform/http/server.ts";
import type { Clock } from "#platform/kit/clock.ts";
import { faultHeader } from "#platform/kit/fault-rules.ts";
import type { Kit } from "#platform/kit/service.ts";
import type { NeighbourGuard } from "#platform/rpc/neighbour.ts";
import { measuringCall } from "#platform/rpc/rpc-status.ts";
import { Scope, canceled, deadlineExceeded } from "#platform/rpc/scope.ts";
import { traceHeaders, type TraceContext } from "#platform/telemetry/trace.ts";

/** On whose behalf a request is made. */
export interface ApiCaller {
  readonly token?: string | undefined;
  readonly requestId: string;
  readonly trace: TraceContext;
  readonly clientAddress: string;
  /** What the visitor's browser calls itself, for the activity log. */
  readonly userAgent?: string | undefined;
  /** The name of the fault that they ask for. */
  readonly askedFault?: string | undefined;
  /** Until when on the monotonic clock whoever visits waits for the page; what the page asks for must be there before. */
  readonly waitsUntilMs?: number | undefined;
  /** Told the headers of each good answer: they say what it lacks. */
  readonly heard?: (header: WireAnswer["header"]) => void;
}

/** Until when the sender of a request waits for its answer; undefined when they do not say. */
export function waitsUntilMs({ headers }: HttpRequest, clock: Clock): number | undefined {
  const leftMs = timeLeftMs(headers);
  return leftMs === undefined ? undefined : clock.monotonicMs() + leftMs;
}

export interface ApiOptions {
  /** The service that asks; it proves its name with each request. */
  readonly service: string;
  readonly apiUrl: () => string;
  readonly httpTls: HttpTls | undefined;
  readonly serviceKey: string;
  /** Base currency of the shop; told with each request, so that an API of another one refuses it. */
  readonly currency: string;
  readonly connectionsMax: number;
  readonly clock: Clock;
  readonly openGuard: Kit["openGuard"];
}

/** A page that shows something waits no longer than this; one that changes something has to know how it ended. */
const readTimeoutMs = 2_000;
const writeTimeoutMs = 12_000;

/**
 * The REST API for pages: asks on behalf of whoever visits, and says which service asks, where the visitor is and how long there is
 * for the answer. A read is sent again when its connection breaks, a write never. Between processes a guard stands before it, as before
 * every neighbour. Throws an ApiProblem when it is refused or not answered in time.
 */
export class Api {
  readonly #options: ApiOptions;
  readonly #client: RestClient;
  /** What stands before the API; undefined where it is in this process. */
  readonly guard: NeighbourGuard | undefined;
  #pool: HttpPool | undefined;

  constructor(options: ApiOptions) {
    this.#options = options;
    this.guard = options.openGuard("gateway", (timeoutMs) => this.#isAlive(timeoutMs));
    this.#client = new RestClient({ transport: async (request) => await this.#carry(request) });
  }

  /** What the operation answers. Throws an ApiProblem. */
  async send<Id extends OperationId>(
    id: Id,
    request: RequestOf<Id>,
    caller: ApiCaller,
    timeoutMs = operations[id].method === "GET" ? readTimeoutMs : writeTimeoutMs,
  ): Promise<AnswerOf<Id>> {
    const options = this.#optionsOf(caller, timeoutMs);
    const { header, body } = await this.#client.send(id, request, options);
    caller.heard?.(header);
    return body as AnswerOf<Id>;
  }

  /** The same with status and headers; 304 is an answer here. `headers` are those of the visitor that matter to it. */
  async sendWhole<Id extends OperationId>(
    id: Id,
    request: RequestOf<Id>,
    caller: ApiCaller,
    headers: { readonly [name: string]: string },
  ): Promise<Answer<AnswerOf<Id>>> {
    const { headers: own, ...options } = this.#optionsOf(caller, readTimeoutMs);
    return await this.#client.send(id, request, { ...options, headers: { ...headers, ...own } });
  }

  /** What an endpoint of an extension answers. Throws an ApiProblem. */
  async request(method: string, path: string, request: FreeRequest, caller: ApiCaller): Promise<unknown> {
    const timeoutMs = method === "GET" ? readTimeoutMs : writeTimeoutMs;
    return await this.#client.request(method, path, request, this.#optionsOf(caller, timeoutMs));
  }

  #optionsOf({ waitsUntilMs: untilMs, ...caller }: ApiCaller, wantedMs: number) {
    const leftMs = untilMs === undefined ? wantedMs : untilMs - this.#options.clock.monotonicMs();
    const timeoutMs = Math.max(1, Math.floor(Math.min(wantedMs, leftMs)));
    const headers = {
      [timeLeftHeader]: String(timeoutMs),
      [currencyHeader]: this.#options.currency,
      [clientHeaders.address]: caller.clientAddress,
      "x-request-id": caller.requestId,
      ...traceHeaders(caller.trace),
      ...(caller.userAgent === undefined ? {} : { "user-agent": caller.userAgent }),
      ...(caller.askedFault === undefined ? {} : { [faultHeader]: caller.askedFault }),
    };
    return { token: caller.token, headers, timeoutMs };
  }

  close(): void {
    this.#pool?.close();
  }

  async #carry(request: WireRequest): Promise<WireAnswer> {
    const isRead = request.method === "GET";
    const { guard } = this;
    if (guard) return await this.#carryGuarded(guard, request, isRead);
    const { service: caller, clock } = this.#options;
    return await measuringCall({ caller, neighbour: "gateway", clock }, async () => {
      try {
        return await this.#once(request);
      } catch (error) {
        if (!isRead || !isBrokenConnection(error)) throw error;
        return await this.#once(request);
      }
    });
  }

  async #carryGuarded(
    guard: NeighbourGuard,
    request: WireRequest,
    isRepeatable: boolean,
  ): Promise<WireAnswer> {
    const { signal, headers } = request;
    const scope = new Scope(this.#options.clock, Number(headers[timeLeftHeader] ?? writeTimeoutMs));
    const end = () => scope.cancel(isTimeout(signal.reason) ? deadlineExceeded() : canceled());
    signal.addEventListener("abort", end, { once: true });
    try {
      return await sendGuarded(guard, () => this.#once(request), { scope, isRepeatable });
    } finally {
      signal.removeEventListener("abort", end);
      scope.close();
    }
  }

  async #isAlive(timeoutMs: number): Promise<boolean> {
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      await passOver(await this.#openPool().request({ method: "GET", path: "/health", signal }));
      return true;
    } catch {
      return false;
    }
  }

  async #once({ method, path, headers, body, isFile, signal }: WireRequest): Promise<WireAnswer> {
    const { service, clock, serviceKey } = this.#options;
    const call = { ...provenRequest(method, path, headers), bodyHash: bodyHash(body) };
    const proof = signCall(service, serviceKey, clock.now().getTime(), call);
    const answer = await this.#openPool().request({
      method,
      path,
      headers: { ...headers, [proofHeader]: proof },
      body,
      signal,
    });
    const header = (name: string) => {
      const value = answer.headers[name];
      return typeof value === "string" ? value : undefined;
    };
    const { statusCode: status = 0 } = answer;
    const bytes = await readBody(answer);
    if (isFile && status === 200) return { status, header, text: "", bytes: new Uint8Array(bytes) };
    return { status, header, text: bytes.toString() };
  }

  /** The address is known only once the listeners are open, so the pool opens with the first page. */
  #openPool(): HttpPool {
    const { apiUrl, httpTls: tls, connectionsMax } = this.#options;
    this.#pool ??= new HttpPool({ url: apiUrl(), tls, connectionsMax });
    return this.#pool;
  }
}

/** The other side closed a kept-alive connection just as we wrote to it. */
function isBrokenConnection(cause: unknown): boolean {
  const code = (cause as { code?: unknown } | undefined)?.code;
  return code === "ECONNRESET" || code === "EPIPE";
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof Error && reason.name === "TimeoutError";
}
