// Live pages: one element is sent again whenever it has changed, as server-sent events.
import { Readable } from "node:stream";
import type { FastifyReply } from "#platform/http/fastify.ts";
import type { Clock } from "#platform/kit/clock.ts";
import type { LiveAnswer } from "./answer.ts";

export interface LiveOptions {
  readonly clock: Clock;
  /** Streams at one time; further ones are told to come back later. */
  readonly streamsMax: number;
  /** How often an element is looked at. */
  readonly everyMs?: number;
}

/**
 * The open streams of one site. Bounded in number, in length (ten minutes, then the browser opens another one) and in what waits
 * for a slow reader. Ends all of them when the program drains, so that they never hold it up. An element with `data-live` and the
 * address of its stream is followed by `live.js`; without scripts the page is what it was when it was sent.
 */
export class LiveStreams {
  readonly #options: LiveOptions;
  readonly #open = new Set<AbortController>();
  #hasEnded = false;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Sends the element now and again whenever it differs; resolves when the answer has begun. */
  async send(reply: FastifyReply, answer: LiveAnswer): Promise<FastifyReply> {
    reply.header("cache-control", "no-store");
    if (this.#hasEnded || this.#open.size >= this.#options.streamsMax)
      return await reply.code(503).header("retry-after", "30").type("text/plain").send("Too many streams.");
    const stop = new AbortController();
    this.#open.add(stop);
    const events = new Readable({ read: () => undefined });
    reply.raw.once("close", () => stop.abort());
    void this.#follow(events, answer, stop.signal)
      .catch(() => undefined)
      .finally(() => {
        this.#open.delete(stop);
        events.push(null);
      });
    // Proxies must not keep events back until there are more of them; a connection whose stream has ended must not stay open.
    reply
      .header("x-accel-buffering", "no")
      .header("connection", "close")
      .type("text/event-stream; charset=utf-8");
    return await reply.send(events);
  }

  /** Ends every stream and opens no other. */
  end(): void {
    this.#hasEnded = true;
    for (const stop of this.#open) stop.abort();
  }

  async #follow(events: Readable, { first, next }: LiveAnswer, signal: AbortSignal): Promise<void> {
    const { clock, everyMs = 5_000 } = this.#options;
    const endsMs = clock.monotonicMs() + lifeMs;
    let shown = first.text;
    events.push(`retry: 3000\n\n${eventOf(shown)}`);
    while (clock.monotonicMs() < endsMs && events.readableLength < waitingBytesMax) {
      await clock.sleep(everyMs, signal);
      if (signal.aborted) return;
      const { text } = await next();
      // A line that means nothing keeps proxies from taking the stream for dead.
      events.push(text === shown ? ":\n\n" : eventOf(text));
      shown = text;
    }
  }
}

const lifeMs = 10 * 60_000;
const waitingBytesMax = 512 * 1024;

function eventOf(text: string): string {
  return `${text.replaceAll("\r", "").replace(/^/gm, "data: ")}\n\n`;
}
