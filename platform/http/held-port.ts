// A port that is taken before anything else is opened, and given to its listener when that is ready.
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer, type Server } from "node:net";
import type { Clock } from "#platform/kit/clock.ts";
import { portFault, type WantedPort } from "#platform/kit/port-fault.ts";
import { requireGoing } from "#platform/kit/stopped.ts";

export interface HeldPort {
  /** Gives the port back, at once. Safe to call again. */
  release(): void;
}

export interface HeldPortOptions extends WantedPort {
  /** Answers HTTP meanwhile: alive, but not open. Without it, connections are closed as they come. */
  readonly answersHttp: boolean;
  readonly clock: Clock;
  readonly stop?: AbortSignal | undefined;
}

/** What a program that ends just now needs to give its ports back. */
const waitMs = 3_000;

/** Takes the port, so that nobody else can have it. Throws a StartError when it cannot be had; a port of 0 is nobody's and not held. */
export async function holdPort(options: HeldPortOptions): Promise<HeldPort> {
  if (options.port === 0) return { release: () => undefined };
  const untilMs = options.clock.monotonicMs() + waitMs;
  for (;;) {
    requireGoing(options.stop);
    const server = options.answersHttp
      ? createHttpServer(sayOpening)
      : createServer((socket) => socket.destroy());
    const error = await tryListen(server, options);
    if (error === undefined) return { release: () => release(server) };
    if (error.code !== "EADDRINUSE" || options.clock.monotonicMs() > untilMs) throw portFault(options, error);
    await options.clock.sleep(100);
  }
}

function tryListen(server: Server, { host, port }: WantedPort): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    server.once("error", resolve);
    server.listen({ host, port }, () => resolve(undefined));
  });
}

function release(server: Server): void {
  server.close();
  if ("closeAllConnections" in server) (server.closeAllConnections as () => void)();
}

const opening = { status: "opening" };

function sayOpening(request: IncomingMessage, response: ServerResponse): void {
  const isAlive = request.url === "/health" || request.url === "/status/200";
  response.writeHead(isAlive ? 200 : 503, {
    "content-type": "application/json",
    "x-content-type-options": "nosniff",
    connection: "close",
    ...(isAlive ? {} : { "retry-after": "1" }),
  });
  response.end(JSON.stringify(isAlive ? { status: "ok" } : opening));
}
