import type { Queryable, Tx } from "#platform/database/db.ts";

export interface PasswordResetRow {
  readonly tokenHash: Buffer;
  readonly userId: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export async function insertPasswordReset(tx: Tx, reset: PasswordResetRow): Promise<void> {
  await tx.run(
    "insert into password_resets (token_hash, user_id, created_at, expires_at) values ($1, $2, $3, $4)",
    [reset.tokenHash, reset.userId, reset.createdAt, reset.expiresAt],
  );
}

export async function countPasswordResets(tx: Tx, userId: string, since: Date): Promise<number> {
  const row = await tx.row<{ count: number }>(
    "select count(*)::int as count from password_resets where user_id = $1 and created_at > $2",
    [userId, since],
  );
  return row?.count ?? 0;
}

/** Whose password it changes; undefined when it is unknown, used or over. */
export async function findPasswordReset(
  db: Queryable,
  tokenHash: Buffer,
  now: Date,
): Promise<{ userId: string } | undefined> {
  return await db.row(
    `select user_id as "userId" from password_resets where token_hash = $1 and expires_at > $2`,
    [tokenHash, now],
  );
}

/** True for exactly one of those who use it. */
export async function takePasswordReset(tx: Tx, tokenHash: Buffer, now: Date): Promise<boolean> {
  const taken = await tx.run("delete from password_resets where token_hash = $1 and expires_at > $2", [
    tokenHash,
    now,
  ]);
  return taken === 1;
}

/** Whoever has read an older mail cannot change the password again. */
export async function deletePasswordResets(tx: Tx, userId: string): Promise<void> {
  await tx.run("delete from password_resets where user_id = $1", [userId]);
}

/** Up to `max` that are over, and count no more against how many are made. */
export async function deleteOldPasswordResets(db: Queryable, now: Date, max: number): Promise<number> {
  return await db.run(
    `delete from password_resets where token_hash in
     (select token_hash from password_resets where expires_at <= $1 and created_at <= $1::timestamptz - interval '1 hour'
      order by expires_at limit $2)`,
    [now, max],
  );
}
