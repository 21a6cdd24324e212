import type { Queryable, Tx } from "#platform/database/db.ts";
import type { AnnouncedKey } from "./signing-key.ts";

export interface SigningKeyRow {
  readonly kid: string;
  readonly privateKeyPem: string;
  readonly publicJwk: { readonly [name: string]: string };
  readonly signsFrom: Date;
}

export async function listSigningKeys(db: Queryable): Promise<SigningKeyRow[]> {
  return await db.rows(
    `select kid, private_key_pem as "privateKeyPem", public_jwk as "publicJwk", signs_from as "signsFrom"
     from signing_keys order by signs_from, kid`,
  );
}

/** One process at a time plans a rotation. */
export async function lockSigningKeys(tx: Tx): Promise<void> {
  await tx.run("select pg_advisory_xact_lock(hashtext('user.signing-keys'))");
}

export async function insertSigningKey(tx: Tx, key: SigningKeyRow, createdAt: Date): Promise<void> {
  await tx.run(
    `insert into signing_keys (kid, private_key_pem, public_jwk, signs_from, created_at) values ($1, $2, $3, $4, $5)`,
    [key.kid, key.privateKeyPem, JSON.stringify(key.publicJwk), key.signsFrom, createdAt],
  );
}

export async function deleteSigningKeys(tx: Tx, kids: readonly string[]): Promise<void> {
  await tx.run("delete from signing_keys where kid = any($1)", [kids]);
}

/** Says that these are given to a process now; those that nobody has said since `staleBefore` go. */
export async function announceKeys(
  tx: Tx,
  keys: readonly Pick<AnnouncedKey, "kid" | "publicJwk">[],
  { now, staleBefore }: { readonly now: Date; readonly staleBefore: Date },
): Promise<void> {
  await tx.run("delete from announced_keys where last_seen_at < $1", [staleBefore]);
  for (const { kid, publicJwk } of keys)
    await tx.run(
      `insert into announced_keys (kid, public_jwk, first_seen_at, last_seen_at) values ($1, $2, $3, $3)
       on conflict (kid) do update set last_seen_at = greatest(announced_keys.last_seen_at, excluded.last_seen_at)`,
      [kid, JSON.stringify(publicJwk), now],
    );
}

export async function listAnnouncedKeys(db: Queryable, staleBefore: Date): Promise<AnnouncedKey[]> {
  return await db.rows(
    `select kid, public_jwk as "publicJwk", first_seen_at as "firstSeenAt"
     from announced_keys where last_seen_at >= $1 order by first_seen_at, kid`,
    [staleBefore],
  );
}
