// How a Redis that has lost everything is told from one that never held anything: by a mark in it, and the same mark in the database.
import type { Database } from "#platform/database/db.ts";
import type { Clock } from "#platform/kit/clock.ts";
import { newRandomId } from "#platform/kit/ids.ts";
import type { Redis } from "#platform/redis/redis.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { counter } from "#platform/telemetry/metrics.ts";
import { storeRefusal } from "./redis-refusal.ts";
import { findStoreMark, keepStoreMark } from "./store.ts";

const markKey = "stoa:carts";

const emptied = counter("stoa_cart_store_emptied_total", "How often the store of carts was found emptied.");

interface Mark {
  readonly mark: string;
  /** When the carts before it were found to be gone. */
  readonly emptiedAtMs?: number;
}

export class StoreMark {
  readonly #redis: Redis;
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #log: Logger;
  #known: string | undefined;

  constructor({ redis, db, clock, log }: { redis: Redis; db: Database; clock: Clock; log: Logger }) {
    this.#redis = redis;
    this.#db = db;
    this.#clock = clock;
    this.#log = log;
  }

  /** When the store was last found emptied; undefined when it never was. Throws when it cannot be asked. */
  async look(): Promise<Date | undefined> {
    const found = (await this.#read()) ?? (await this.#make());
    if (found.mark !== this.#known) {
      await keepStoreMark(this.#db, "redis", found.mark, this.#clock.now());
      this.#known = found.mark;
    }
    return found.emptiedAtMs === undefined ? undefined : new Date(found.emptiedAtMs);
  }

  /** The same, for those who can do without it. */
  async lookQuietly(): Promise<Date | undefined> {
    return await this.look().catch(() => undefined);
  }

  async #read(): Promise<Mark | undefined> {
    try {
      const text = await this.#redis.command(markKey, ["GET", markKey]);
      return typeof text === "string" ? (JSON.parse(text) as Mark) : undefined;
    } catch (error) {
      throw storeRefusal(error);
    }
  }

  /** Of several processes that find no mark, one makes it. */
  async #make(): Promise<Mark> {
    const known = this.#known ?? (await findStoreMark(this.#db, "redis"));
    const emptiedAtMs = this.#clock.now().getTime();
    const own: Mark = { mark: newRandomId(), ...(known !== undefined && { emptiedAtMs }) };
    const isOurs = await this.#redis.command(markKey, ["SET", markKey, JSON.stringify(own), "NX"]);
    if (isOurs !== "OK") return (await this.#read()) ?? own;
    if (known === undefined) return own;
    emptied.inc();
    this.#log.error(
      { redis: "stoa-cart" },
      "The Redis that keeps carts has been emptied: what was in carts is lost. People whose cart is empty are told so for as long as a cart lives.",
    );
    return own;
  }
}
