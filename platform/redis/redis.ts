// The one way to a Redis: bounded in time, in connections and in what waits, and away rather than in anybody's way.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Clock } from "#platform/kit/clock.ts";
import { randomFraction } from "#platform/kit/ids.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { RedisFault, redisFault } from "./redis-fault.ts";
import type { RedisUrl } from "./redis-url.ts";

export interface RedisOptions {
  readonly url: RedisUrl;
  /** What its connections are called in CLIENT LIST. */
  readonly name: string;
  /** Connections to one server or to the master; one to each node of a cluster. */
  readonly connections: number;
  /** How long one command may take. */
  readonly timeoutMs: number;
  /** PEM file of the authority that certificates are verified against; absent means those of the system. */
  readonly caFile?: string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A script that runs on one key as one step. */
export interface RedisScript {
  readonly text: string;
  readonly sha: string;
}

/** A Redis. Everything throws a RedisFault when it cannot be done; nothing waits for a server that is not there. */
export interface Redis {
  /** Sends one command about `key`. Lists come back as arrays, numbers as numbers, nothing as null. */
  command(key: string, args: readonly string[]): Promise<unknown>;
  /** Runs a script on `key`, by its digest; its text is sent only to a server that does not know it. */
  script(script: RedisScript, key: string, args: readonly string[]): Promise<unknown>;
  /** All keys that match, in parts; one may come twice, one that is made or goes meanwhile perhaps not at all. */
  keys(match: string): AsyncIterable<readonly string[]>;
  /** Ends the connections. What is under way fails. */
  close(): Promise<void>;
}

/** What a client of the library does for us, whichever of its three kinds it is. */
export interface RedisSender {
  send(key: string, args: readonly string[]): Promise<unknown>;
  /** One function for each server that holds keys of its own. */
  servers(): Promise<readonly ((args: readonly string[]) => Promise<unknown>)[]>;
  close(): void;
}

/** Reads a script's text once and names it. */
export function redisScript(text: string): RedisScript {
  return { text, sha: createHash("sha1").update(text).digest("hex") };
}

const connectTimeoutMs = 2_000;
const firstRetryMs = 50;
const retryMaxMs = 2_000;
/** What waits for an answer on one connection; beyond it callers are refused at once. */
export const waitingMax = 1_000;
/** How long opening waits for the first connection, so that a start beside a Redis that is well refuses nobody. */
const firstConnectionMs = 1_000;

/**
 * Opens a Redis without insisting that it is there: until it is, everything fails as `away`. The library is loaded here, so that a
 * process without a Redis does not carry it. Throws when the file of the authority cannot be read.
 */
export async function openRedis(options: RedisOptions): Promise<Redis> {
  const { clock, log, name } = options;
  const senders = await import("./redis-senders.ts");
  const ca = options.caFile === undefined ? undefined : readFileSync(options.caFile, "utf8");
  const first = Promise.withResolvers<void>();
  const outage = new Outage(log, name);
  const sender = senders.openSender({
    place: options.url.place,
    name,
    connections: options.connections,
    ca,
    connectTimeoutMs,
    waitingMax,
    retryMs: (tries) =>
      Math.min(retryMaxMs, firstRetryMs * 2 ** Math.min(tries, 10)) * (0.5 + 0.5 * randomFraction()),
    onError: (error) => outage.began(error),
    onReady: first.resolve,
  });
  const timer = clock.after(firstConnectionMs, first.resolve);
  await first.promise;
  timer.stop();
  return new BoundedRedis(sender, outage, options);
}

class BoundedRedis implements Redis {
  readonly #sender: RedisSender;
  readonly #outage: Outage;
  readonly #clock: Clock;
  readonly #timeoutMs: number;

  constructor(sender: RedisSender, outage: Outage, { clock, timeoutMs }: RedisOptions) {
    this.#sender = sender;
    this.#outage = outage;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  async command(key: string, args: readonly string[]): Promise<unknown> {
    return await this.#inTime(this.#sender.send(key, args));
  }

  async script({ sha, text }: RedisScript, key: string, args: readonly string[]): Promise<unknown> {
    try {
      return await this.#inTime(this.#sender.send(key, ["EVALSHA", sha, "1", key, ...args]));
    } catch (error) {
      const isUnknown = error instanceof RedisFault && /NOSCRIPT/.test(String(error.cause));
      if (!isUnknown) throw error;
      return await this.#inTime(this.#sender.send(key, ["EVAL", text, "1", key, ...args]));
    }
  }

  async *keys(match: string): AsyncIterable<readonly string[]> {
    for (const ask of await this.#sender.servers()) {
      let cursor = "0";
      do {
        const reply = await this.#inTime(ask(["SCAN", cursor, "MATCH", match, "COUNT", "500"]));
        const [next, found] = reply as [string, string[]];
        cursor = String(next);
        yield found;
      } while (cursor !== "0");
    }
  }

  close(): Promise<void> {
    this.#sender.close();
    return Promise.resolve();
  }

  /** A late answer is thrown away by the client, which keeps its place in the row: it never becomes another question's. */
  async #inTime<T>(answer: Promise<T>): Promise<T> {
    const late = Promise.withResolvers<never>();
    // Answers that came while this process was busy are read before it is said that none came.
    const say = () => void setImmediate(() => late.reject(new RedisFault("unknown")));
    const timer = this.#clock.after(this.#timeoutMs, say);
    try {
      const inTime = await Promise.race([answer, late.promise]);
      this.#outage.ended();
      return inTime;
    } catch (error) {
      throw redisFault(error);
    } finally {
      timer.stop();
    }
  }
}

/** Tells of an outage once when it begins and once when it ends, however often the client tries. */
class Outage {
  readonly #log: Logger;
  readonly #name: string;
  #isOn = false;

  constructor(log: Logger, name: string) {
    this.#log = log;
    this.#name = name;
  }

  began(error: unknown): void {
    if (this.#isOn) return;
    this.#isOn = true;
    this.#log.warn(
      { err: error, redis: this.#name },
      "Redis cannot be reached; it is tried again until it can.",
    );
  }

  ended(): void {
    if (!this.#isOn) return;
    this.#isOn = false;
    this.#log.info({ redis: this.#name }, "Redis answers again.");
  }
}
