import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import type { Clock } from "#platform/kit/clock.ts";
import type { Database } from "#platform/database/db.ts";
import { newRandomId } from "#platform/kit/ids.ts";
import type { GivenKey } from "./given-keys.ts";
import {
  announceKeys,
  deleteSigningKeys,
  insertSigningKey,
  listAnnouncedKeys,
  listSigningKeys,
  lockSigningKeys,
  type SigningKeyRow,
} from "./key-store.ts";
import {
  announceLeadMs,
  announcedForMs,
  givenSignerAt,
  planRotation,
  signingKeyAt,
  type AnnouncedKey,
  type RotationPlan,
  type RotationRules,
} from "./signing-key.ts";
import { signToken, type TokenContent } from "#platform/auth/sign-token.ts";
import { tokenMsMax } from "#platform/auth/token.ts";

const hourMs = 3_600_000;

interface Key extends SigningKeyRow {
  readonly privateKey: KeyObject;
}

export interface KeyRingOptions {
  readonly rotationDays: number;
  /** Reads the keys that are given from outside; absent where the database keeps them. */
  readonly given?: (() => readonly GivenKey[]) | undefined;
}

/**
 * The keys held for signing. Every replica publishes the same ones: those of the database, and what is given to any of them. Where keys are
 * given, none is made; those of the database verify until their last token has expired.
 */
export class KeyRing {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #rules: RotationRules;
  readonly #readGiven: (() => readonly GivenKey[]) | undefined;
  #keys: readonly Key[] = [];
  #given: readonly GivenKey[] = [];
  #announced: readonly AnnouncedKey[] = [];

  constructor(db: Database, clock: Clock, { rotationDays, given }: KeyRingOptions) {
    this.#db = db;
    this.#clock = clock;
    this.#readGiven = given;
    this.#rules = { rotationMs: rotationDays * 24 * hourMs, leadMs: hourMs, keepMs: tokenMsMax + hourMs };
  }

  /** Whether keys are given from outside. */
  get areGiven(): boolean {
    return this.#readGiven !== undefined;
  }

  /** Reads the keys, says which are given, and makes or removes what the rotation asks for. */
  async refresh(): Promise<void> {
    await this.#exchange();
    let rows = await listSigningKeys(this.#db);
    const plan = this.#planFor(rows);
    if (plan.create || plan.remove.length > 0) rows = await this.#rotate();
    const known = new Map(this.#keys.map((key) => [key.kid, key]));
    this.#keys = rows.map(
      (row) => known.get(row.kid) ?? { ...row, privateKey: createPrivateKey(row.privateKeyPem) },
    );
  }

  sign(content: TokenContent): string {
    const now = this.#clock.now();
    const key =
      givenSignerAt(this.#given, this.#announced, now) ?? signingKeyAt(this.#keys, now) ?? this.#given[0];
    if (!key) throw new Error("There is no key to sign tokens with, although one is made at the start.");
    return signToken(key, content);
  }

  /** The public halves, also of keys that sign later or no more. */
  publicJwks(): SigningKeyRow["publicJwk"][] {
    const all = [...this.#given, ...this.#announced, ...this.#keys];
    return [...new Map(all.map(({ kid, publicJwk }) => [kid, publicJwk])).values()];
  }

  /** Keys that are given arrive at one replica after the other: each tells which it has, and learns what the others have. */
  async #exchange(): Promise<void> {
    this.#given = this.#readGiven?.() ?? [];
    const now = this.#clock.now();
    const staleBefore = new Date(now.getTime() - announcedForMs);
    if (this.#given.length > 0)
      await this.#db.inTransaction(async (tx) => await announceKeys(tx, this.#given, { now, staleBefore }));
    this.#announced = await listAnnouncedKeys(this.#db, staleBefore);
  }

  #planFor(rows: readonly SigningKeyRow[]): RotationPlan {
    const now = this.#clock.now();
    if (this.#announced.length === 0) return planRotation(rows, now, this.#rules);
    const sinceMs = Math.min(...this.#announced.map(({ firstSeenAt }) => firstSeenAt.getTime()));
    const isOver = sinceMs + announceLeadMs + this.#rules.keepMs <= now.getTime();
    return { create: undefined, remove: isOver ? rows.map(({ kid }) => kid) : [] };
  }

  async #rotate(): Promise<SigningKeyRow[]> {
    return await this.#db.inTransaction(async (tx) => {
      await lockSigningKeys(tx);
      const plan = this.#planFor(await listSigningKeys(tx));
      if (plan.create) await insertSigningKey(tx, newSigningKey(plan.create), this.#clock.now());
      await deleteSigningKeys(tx, plan.remove);
      return await listSigningKeys(tx);
    });
  }
}

function newSigningKey(signsFrom: Date): SigningKeyRow {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const kid = newRandomId();
  const { kty = "", crv = "", x = "" } = publicKey.export({ format: "jwk" });
  return {
    kid,
    privateKeyPem: privateKey.export({ format: "pem", type: "pkcs8" }),
    publicJwk: { kty, crv, x, kid, alg: "EdDSA", use: "sig" },
    signsFrom,
  };
}
