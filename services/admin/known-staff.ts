// Who was one of the staff a moment ago: the ops room must open while the services that know people do not answer.
import { createHash } from "node:crypto";
import type { User } from "#gen/rest/types.ts";
import type { Clock } from "#platform/kit/clock.ts";

const freshMs = 10_000;
const knownMs = 30 * 60_000;
const sessionsMax = 200;

interface Seen {
  readonly user: User;
  readonly seenMs: number;
}

/**
 * Sessions that the API has called an admin's, by the hash of their cookie: at most 200, for half an hour. For pages that only show
 * figures of the program; whatever changes something asks the API.
 */
export class KnownStaff {
  readonly #clock: Clock;
  readonly #seen = new Map<string, Seen>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(session: string, user: User): void {
    const key = keyOf(session);
    this.#seen.delete(key);
    this.#seen.set(key, { user, seenMs: this.#clock.monotonicMs() });
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > sessionsMax && oldest !== undefined) this.#seen.delete(oldest);
  }

  /** Seen so lately that it need not be asked again. */
  findFresh(session: string): User | undefined {
    return this.#find(session, freshMs);
  }

  find(session: string): User | undefined {
    return this.#find(session, knownMs);
  }

  forget(session: string): void {
    this.#seen.delete(keyOf(session));
  }

  #find(session: string, forMs: number): User | undefined {
    const seen = this.#seen.get(keyOf(session));
    return seen && this.#clock.monotonicMs() - seen.seenMs <= forMs ? seen.user : undefined;
  }
}

function keyOf(session: string): string {
  return createHash("sha256").update(session).digest("base64url");
}
