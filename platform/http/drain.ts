// The end of an HTTP listener that loses no request: connections end when nothing is under way on them.
import { randomInt } from "node:crypto";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { pause, type Clock } from "#platform/kit/clock.ts";

/**
 * So long a connection that has just been answered is kept: its client, who was told then that it may use it again, may be about to. A
 * request that meets a closing socket is a reset that nobody can tell from a lost order.
 */
const lingerMs = 300;
/** A head that has begun to arrive has so long to come in. */
const headMs = 2_000;
const lookEveryMs = 25;
/**
 * After so long an answer ends its connection, so that new replicas get their share of callers who keep theirs, and a version that is
 * rolled out is asked at all. As long as a gRPC connection lasts by default; spread over a quarter more, so that not all end at once.
 */
const ageMs = 30_000;

interface Connection {
  readonly endsMs: number;
  underWay: number;
  idleSinceMs: number;
  /** How much had arrived when it fell idle: more means that a request begins. */
  bytesRead: number;
  hasEnded: boolean;
}

/** Knows the connections of one listener, and what is under way on them. */
export class Connections {
  readonly #clock: Clock;
  readonly #open = new Map<Socket, Connection>();
  readonly #requests = new Map<ServerResponse, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** To be called before anything else looks at the server's connections. */
  watch(server: Server): void {
    server.on("connection", (socket: Socket) => this.#add(socket));
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      this.#begin(request.socket, response);
    });
  }

  /** True for a connection that is old, once nothing else is under way on it: its answer may ask the client to come back over another one. */
  isOld(socket: Socket): boolean {
    const connection = this.#open.get(socket);
    return (
      connection !== undefined && connection.underWay <= 1 && this.#clock.monotonicMs() >= connection.endsMs
    );
  }

  /**
   * Waits for the requests that are under way, while new ones are still answered: a page needs the API to be made. Idle connections
   * are closed at once. Then ends what `close` ends, and cuts off after `graceMs` what is still there.
   */
  async drain(graceMs: number, close: () => Promise<void>): Promise<void> {
    const startedMs = this.#clock.monotonicMs();
    const stop = new AbortController();
    const timer = this.#clock.after(graceMs, () => stop.abort());
    const untilMs = startedMs + lingerMs;
    while (!stop.signal.aborted && (this.#clock.monotonicMs() < untilMs || this.#isAtWork(untilMs))) {
      this.#endIdle();
      if (this.#open.size === 0) break;
      await pause(this.#clock, lookEveryMs, stop.signal);
    }
    const closed = close().finally(() => stop.abort());
    stop.signal.addEventListener("abort", () => {
      for (const socket of this.#open.keys()) socket.destroy();
    });
    while (!stop.signal.aborted) {
      this.#endIdle();
      await pause(this.#clock, lookEveryMs, stop.signal);
    }
    timer.stop();
    for (const socket of this.#open.keys()) socket.destroy();
    await closed;
  }

  /** True while a request is under way that began before; streams of events end when they are told to. */
  #isAtWork(beforeMs: number): boolean {
    return [...this.#requests].some(
      ([response, beganMs]) =>
        beganMs < beforeMs && !String(response.getHeader("content-type")).startsWith("text/event-stream"),
    );
  }

  #endIdle(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [socket, connection] of this.#open) {
      if (connection.underWay > 0) continue;
      const idleMs = nowMs - connection.idleSinceMs;
      const keepMs = socket.bytesRead > connection.bytesRead ? headMs : lingerMs;
      if (idleMs >= keepMs + lingerMs) socket.destroy();
      else if (idleMs >= keepMs && !connection.hasEnded) {
        connection.hasEnded = true;
        socket.end();
      }
    }
  }

  #add(socket: Socket): void {
    const nowMs = this.#clock.monotonicMs();
    const endsMs = nowMs + ageMs + randomInt(ageMs / 4);
    const connection = { endsMs, underWay: 0, idleSinceMs: nowMs, bytesRead: 0, hasEnded: false };
    this.#open.set(socket, connection);
    socket.once("close", () => this.#open.delete(socket));
  }

  #begin(socket: Socket, response: ServerResponse): void {
    const connection = this.#open.get(socket);
    this.#requests.set(response, this.#clock.monotonicMs());
    if (connection) connection.underWay += 1;
    response.once("close", () => {
      this.#requests.delete(response);
      if (!connection) return;
      connection.underWay -= 1;
      connection.idleSinceMs = this.#clock.monotonicMs();
      connection.bytesRead = socket.bytesRead;
    });
  }
}
