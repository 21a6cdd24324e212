import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import type { Clock } from "#platform/kit/clock.ts";
import type { Database } from "#platform/database/db.ts";
import { newRandomId } from "#platform/kit/ids.ts";
import {
  deleteSigningKeys,
  insertSigningKey,
  listSigningKeys,
  lockSigningKeys,
  type SigningKeyRow,
} from "./key-store.ts";
import { planRotation, signingKeyAt, type RotationRules } from "./signing-key.ts";
import { signToken, type TokenContent } from "#platform/auth/sign-token.ts";
import { tokenMsMax } from "#platform/auth/token.ts";

const hourMs = 3_600_000;

interface Key extends SigningKeyRow {
  readonly privateKey: KeyObject;
}

/** The keys of the database, held for signing. Every replica has the same ones. */
export class KeyRing {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #rules: RotationRules;
  #keys: readonly Key[] = [];

  constructor(db: Database, clock: Clock, rotationDays: number) {
    this.#db = db;
    this.#clock = clock;
    this.#rules = { rotationMs: rotationDays * 24 * hourMs, leadMs: hourMs, keepMs: tokenMsMax + hourMs };
  }

  /** Reads the keys, and makes or removes what the rotation asks for. */
  async refresh(): Promise<void> {
    let rows = await listSigningKeys(this.#db);
    const plan = planRotation(rows, this.#clock.now(), this.#rules);
    if (plan.create || plan.remove.length > 0) rows = await this.#rotate();
    const known = new Map(this.#keys.map((key) => [key.kid, key]));
    this.#keys = rows.map(
      (row) => known.get(row.kid) ?? { ...row, privateKey: createPrivateKey(row.privateKeyPem) },
    );
  }

  sign(content: TokenContent): string {
    const key = signingKeyAt(this.#keys, this.#clock.now());
    if (!key) throw new Error("There is no key to sign tokens with, although one is made at the start.");
    return signToken(key, content);
  }

  /** The public halves, also of keys that sign later or no more. */
  publicJwks(): SigningKeyRow["publicJwk"][] {
    return this.#keys.map(({ publicJwk }) => publicJwk);
  }

  async #rotate(): Promise<SigningKeyRow[]> {
    return await this.#db.inTransaction(async (tx) => {
      await lockSigningKeys(tx);
      const now = this.#clock.now();
      const plan = planRotation(await listSigningKeys(tx), now, this.#rules);
      if (plan.create) await insertSigningKey(tx, newSigningKey(plan.create), now);
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
