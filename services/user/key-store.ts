import type { Queryable, Tx } from "#platform/database/db.ts";

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
