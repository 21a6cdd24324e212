import { createHmac } from "node:crypto";
import bcrypt from "@node-rs/bcrypt";
import { randomSecret } from "#platform/kit/ids.ts";
import type { Scope } from "#platform/rpc/scope.ts";
import { refusal } from "./errors.ts";

export interface PasswordHasherOptions {
  readonly cost: number;
  readonly parallelMax: number;
  readonly queueMax: number;
}

const retryAfterSeconds = 2;

/** bcrypt on threads of its own, a few at a time: a flood of sign-ins waits or is refused, and pages stay quick. */
export class PasswordHasher {
  readonly #options: PasswordHasherOptions;
  readonly #hashOfNobody: string;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(options: PasswordHasherOptions) {
    this.#options = options;
    this.#hashOfNobody = hashOfNobody(options.cost);
  }

  /** `firstCheck` runs when it is this call's turn, just before the work. */
  async hash(password: string, scope?: Scope, firstCheck?: () => Promise<void>): Promise<string> {
    return await this.#inTurn(scope, async () => {
      await firstCheck?.();
      return await bcrypt.hash(preparedPassword(password), this.#options.cost);
    });
  }

  /** Takes as long for nobody (`undefined`) as for somebody. */
  async isMatch(password: string, storedHash: string | undefined, scope?: Scope): Promise<boolean> {
    return await this.#inTurn(scope, async () => {
      const isRight = await bcrypt.verify(preparedPassword(password), storedHash ?? this.#hashOfNobody);
      return isRight && storedHash !== undefined;
    });
  }

  /** True when the hash was made with less work than is asked for today. */
  isOutdated(storedHash: string): boolean {
    return costOf(storedHash) < this.#options.cost;
  }

  async #inTurn<T>(scope: Scope | undefined, work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#options.parallelMax) this.#running += 1;
    else await this.#turn();
    try {
      if (scope?.ended) throw scope.ended;
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }

  #turn(): Promise<void> {
    if (this.#waiting.length >= this.#options.queueMax) {
      throw refusal("SIGN_IN_BUSY", { retryAfterSeconds });
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/**
 * bcrypt reads 72 bytes and stops at none before: 64 characters that stand for the whole password fit. The key keeps hashes
 * stolen elsewhere from being tried here without knowing their passwords.
 */
function preparedPassword(password: string): string {
  return createHmac("sha384", "stoa.password.v1").update(password.normalize("NFC")).digest("base64");
}

/** The cost stands in the hash: $2b$12$… */
function costOf(storedHash: string): number {
  const [, cost = ""] = /^\$2[abxy]\$(\d\d)\$/.exec(storedHash) ?? [];
  // What cannot be read is made anew at the next sign-in.
  return Number(cost);
}

/** A hash that takes its time to check and that no password has, made without taking that time here. */
function hashOfNobody(cost: number): string {
  const cheap = bcrypt.hashSync(randomSecret(), 4);
  return cheap.replace("$04$", `$${cost.toString().padStart(2, "0")}$`);
}
