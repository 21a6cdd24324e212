// Connections to another HTTP service of the shop, kept open between requests. Node's own client does it: it is loaded anyway, and takes half the
// processor time and a third of the memory of a second one.
import {
  Agent,
  request as openRequest,
  type AgentOptions,
  type ClientRequest,
  type ClientRequestArgs,
  type IncomingMessage,
} from "node:http";
import { Agent as TlsAgent } from "node:https";
import { isIP, type Socket } from "node:net";
import type { Duplex, Readable } from "node:stream";
import type { HttpTls } from "./http-tls.ts";

export interface HttpPoolOptions {
  /** Scheme, host and port of the service; what follows them is not used. */
  readonly url: string | URL;
  /** Whom to believe when the service speaks TLS; undefined for those whom Node believes by itself. */
  readonly tls: HttpTls | undefined;
  readonly connectionsMax: number;
  /** Between two parts of an answer that has begun. A reader who is slow is given all the time it takes. */
  readonly pauseMsMax?: number;
}

export interface HttpPoolRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** A stream is sent as it comes; what is left of it when the request fails is left to its owner. */
  readonly body?: Readable | string | Uint8Array | null | undefined;
  /** Ends the request, or its answer, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

const connectMsMax = 2_000;
/** The listeners of the shop keep them longer, so that it is the asking side that ends them. */
const idleMsMax = 30_000;
const defaultPauseMsMax = 300_000;

/** No connection was there in time. Nothing of the request left this process. */
export const connectTimedOut = "CONNECT_TIMEOUT";
/** An answer began and did not go on. */
export const answerPaused = "ANSWER_PAUSED";

/**
 * Sends requests to one service over at most so many connections; the others wait their turn. A request is sent once: whether it may
 * be sent again when its connection breaks is for the caller to say. There is no limit of time but that of the signal and the pauses.
 */
export class HttpPool {
  readonly #agent: Agent;
  readonly #target: ClientRequestArgs;
  readonly #pauseMsMax: number;
  /** How to end each request that is under way. */
  readonly #ends = new Set<(reason: Error) => void>();

  constructor({ url, tls, connectionsMax, pauseMsMax = defaultPauseMsMax }: HttpPoolOptions) {
    const { protocol, hostname, port } = new URL(url);
    const host = hostname.replace(/^\[(.*)\]$/, "$1");
    const options = { keepAlive: true, maxSockets: connectionsMax, timeout: idleMsMax };
    this.#agent = protocol === "https:" ? new TrustingAgent(options, tls) : new Agent(options);
    // The certificate is to be that of the service, whatever the header says which host is asked for.
    const servername = isIP(host) === 0 ? host : "";
    this.#target = { protocol, host, port, agent: this.#agent, ...(protocol === "https:" && { servername }) };
    this.#pauseMsMax = pauseMsMax;
  }

  /** Resolves with the answer once its headers are there, whichever its status. Its body has to be read or destroyed. */
  request(wish: HttpPoolRequest): Promise<IncomingMessage> {
    const { method, path, headers = {}, body, signal } = wish;
    const framed = { ...headers, ...framingOf(headers, body) };
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const request = openRequest({ ...this.#target, method, path, headers: framed });
      let answer: IncomingMessage | undefined;
      // One that waits for a connection says nothing when it is destroyed.
      const end = (reason: Error) => {
        reject(reason);
        (answer ?? request).destroy(reason);
      };
      const onAbort = () => end(signal?.reason as Error);
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#ends.add(end);
      const forget = () => {
        signal?.removeEventListener("abort", onAbort);
        this.#ends.delete(end);
      };
      request.once("socket", (socket) => limitConnecting(socket, this.#target.protocol === "https:"));
      request.on("error", (error) => {
        forget();
        reject(error);
      });
      request.once("response", (response) => {
        answer = response;
        this.#limitPauses(response);
        response.once("close", forget);
        resolve(response);
      });
      send(request, body);
    });
  }

  /** Ends all connections, and with them the requests that are under way. */
  close(): void {
    for (const end of this.#ends) end(failure("ECONNABORTED", "The process is ending."));
    this.#agent.destroy();
  }

  #limitPauses(answer: IncomingMessage): void {
    const { socket } = answer;
    const onPause = () => {
      // It is the reader who is slow: little more is taken from the connection before what is here is read.
      if (answer.readableFlowing === false || answer.readableLength > 0)
        return void socket.setTimeout(this.#pauseMsMax);
      const ms = this.#pauseMsMax;
      answer.destroy(failure(answerPaused, `The answer began and did not go on for ${ms} ms.`));
    };
    socket.setTimeout(this.#pauseMsMax).on("timeout", onPause);
    answer.once("close", () => socket.off("timeout", onPause));
  }
}

/** The whole body of an answer. Rejects when it breaks off, or with the reason of the signal that ended it. */
export async function readBody(answer: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  return await new Promise((resolve, reject) => {
    answer.on("data", (part: Buffer) => parts.push(part));
    answer.once("error", reject).once("end", () => resolve(Buffer.concat(parts)));
  });
}

const passedOverBytesMax = 128 * 1024;

/** Resolves when an answer whose body matters to nobody is over; what goes on for too long is broken off, its connection with it. */
export async function passOver(answer: IncomingMessage): Promise<void> {
  let bytes = 0;
  answer.on("data", (part: Buffer) => {
    bytes += part.length;
    if (bytes > passedOverBytesMax) answer.destroy();
  });
  await new Promise((resolve) => answer.once("close", resolve));
}

/** Node measures a body that it is given whole only where the method usually has one, and frames no other. */
function framingOf(
  headers: NonNullable<HttpPoolRequest["headers"]>,
  body: HttpPoolRequest["body"],
): Record<string, string> {
  if (body === null || body === undefined) return {};
  if (typeof body === "string" || body instanceof Uint8Array)
    return { "content-length": String(Buffer.byteLength(body)) };
  return "content-length" in headers ? {} : { "transfer-encoding": "chunked" };
}

function send(request: ClientRequest, body: HttpPoolRequest["body"]): void {
  if (body === null || body === undefined) request.end();
  else if (typeof body === "string" || body instanceof Uint8Array) request.end(body);
  else {
    const stop = (error: Error) => request.destroy(error);
    body.once("error", stop).pipe(request);
    request.once("close", () => body.off("error", stop));
  }
}

function limitConnecting(socket: Socket, isEncrypted: boolean): void {
  if (!socket.connecting) return;
  const late = () =>
    socket.destroy(failure(connectTimedOut, `There was no connection within ${connectMsMax} ms.`));
  socket.setTimeout(connectMsMax).on("timeout", late);
  socket.once(isEncrypted ? "secureConnect" : "connect", () => {
    socket.off("timeout", late).setTimeout(idleMsMax);
  });
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** Verifies each new connection with what the files of certificates hold then. */
class TrustingAgent extends TlsAgent {
  readonly #tls: HttpTls | undefined;

  constructor(options: AgentOptions, tls: HttpTls | undefined) {
    // A session that is resumed would be believed as its first connection was.
    super({ ...options, maxCachedSessions: 0 });
    this.#tls = tls;
  }

  override createConnection(
    options: ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    return super.createConnection({ ...options, ...this.#tls?.trust() }, callback);
  }
}
