import type { Queryable, Tx } from "#platform/database/db.ts";

export interface SessionRow {
  readonly id: string;
  readonly userId: string;
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
}

export async function insertSession(
  tx: Tx,
  session: { id: string; userId: string; createdAt: Date },
): Promise<void> {
  await tx.run("insert into sessions (id, user_id, created_at) values ($1, $2, $3)", [
    session.id,
    session.userId,
    session.createdAt,
  ]);
}

export interface TokenPairRow {
  readonly tokenHash: Buffer;
  readonly sessionId: string;
  readonly accessTokenId: string;
  readonly issuedAt: Date;
  readonly accessExpiresAt: Date;
  readonly expiresAt: Date;
  /** The token it was given out for; null at a sign-in. */
  readonly replaces: Buffer | null;
}

export async function insertTokenPair(tx: Tx, pair: TokenPairRow): Promise<void> {
  await tx.run(
    `insert into refresh_tokens (token_hash, session_id, access_token_id, issued_at, access_expires_at, expires_at, replaces)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      pair.tokenHash,
      pair.sessionId,
      pair.accessTokenId,
      pair.issuedAt,
      pair.accessExpiresAt,
      pair.expiresAt,
      pair.replaces,
    ],
  );
}

/** The session a refresh token belongs to. Whoever else refreshes or revokes it waits. */
export async function lockSessionOfRefreshToken(tx: Tx, tokenHash: Buffer): Promise<SessionRow | undefined> {
  return await tx.row(
    `select id, user_id as "userId", created_at as "createdAt", revoked_at as "revokedAt" from sessions
     where id = (select session_id from refresh_tokens where token_hash = $1) for update`,
    [tokenHash],
  );
}

export async function lockSessionOfAccessToken(
  tx: Tx,
  accessTokenId: string,
): Promise<SessionRow | undefined> {
  return await tx.row(
    `select id, user_id as "userId", created_at as "createdAt", revoked_at as "revokedAt" from sessions
     where id = (select session_id from refresh_tokens where access_token_id = $1) for update`,
    [accessTokenId],
  );
}

/** When it expires, or `undefined` when it was used before. */
export async function useRefreshToken(tx: Tx, tokenHash: Buffer, now: Date): Promise<Date | undefined> {
  const row = await tx.row<{ expiresAt: Date }>(
    `update refresh_tokens set used_at = $2 where token_hash = $1 and used_at is null returning expires_at as "expiresAt"`,
    [tokenHash, now],
  );
  return row?.expiresAt;
}

/**
 * When a used token expires, if it was used since `usedSince`, has fewer than `pairsMax` pairs for it, and none of these was used to go
 * on: whoever comes with it now may have opened a page beside the one that renewed it.
 */
export async function findJustUsed(
  tx: Tx,
  tokenHash: Buffer,
  { usedSince, pairsMax }: { readonly usedSince: Date; readonly pairsMax: number },
): Promise<Date | undefined> {
  const row = await tx.row<{ expiresAt: Date }>(
    `select expires_at as "expiresAt" from refresh_tokens as token
     where token_hash = $1 and used_at >= $2
     and not exists (select 1 from refresh_tokens as next
       where next.session_id = token.session_id and next.replaces = token.token_hash and next.used_at is not null)
     and (select count(*) from refresh_tokens as next
       where next.session_id = token.session_id and next.replaces = token.token_hash) < $3`,
    [tokenHash, usedSince, pairsMax],
  );
  return row?.expiresAt;
}

/** Ends the session: none of its refresh tokens works again, and its access tokens are refused until they expire. */
export async function revokeSession(tx: Tx, sessionId: string, now: Date): Promise<void> {
  await tx.run("update sessions set revoked_at = coalesce(revoked_at, $2) where id = $1", [sessionId, now]);
  await tx.run(
    `insert into revoked_tokens (token_id, expires_at)
     select access_token_id, access_expires_at from refresh_tokens where session_id = $1 and access_expires_at > $2
     on conflict (token_id) do nothing`,
    [sessionId, now],
  );
}

export async function insertRevokedToken(tx: Tx, tokenId: string, expiresAt: Date): Promise<void> {
  await tx.run(
    "insert into revoked_tokens (token_id, expires_at) values ($1, $2) on conflict (token_id) do nothing",
    [tokenId, expiresAt],
  );
}

/** When a token of the user was given out last. */
export async function findLastIssue(db: Queryable, userId: string): Promise<Date | undefined> {
  const row = await db.row<{ issuedAt: Date | null }>(
    `select max(issued_at) as "issuedAt" from refresh_tokens
     where session_id in (select id from sessions where user_id = $1)`,
    [userId],
  );
  return row?.issuedAt ?? undefined;
}

export interface RevokedTokenRow {
  readonly tokenId: string;
  readonly expiresAt: Date;
}

export async function listRevokedTokens(db: Queryable, now: Date): Promise<RevokedTokenRow[]> {
  return await db.rows(
    `select token_id as "tokenId", expires_at as "expiresAt" from revoked_tokens where expires_at > $1`,
    [now],
  );
}

/** Deletes up to `max` rows of each kind that nothing depends on any more; returns how many went. */
export async function deleteExpired(db: Queryable, now: Date, max: number): Promise<number> {
  const revoked = await db.run(
    `delete from revoked_tokens where token_id in
     (select token_id from revoked_tokens where expires_at <= $1 order by expires_at limit $2)`,
    [now, max],
  );
  const pairs = await db.run(
    `delete from refresh_tokens where token_hash in
     (select token_hash from refresh_tokens where expires_at <= $1 and access_expires_at <= $1 order by expires_at limit $2)`,
    [now, max],
  );
  const sessions = await db.run(
    `delete from sessions where id in
     (select id from sessions where created_at <= $1::timestamptz - interval '1 day'
      and not exists (select 1 from refresh_tokens where session_id = sessions.id) limit $2)`,
    [now, max],
  );
  return revoked + pairs + sessions;
}

/** Refuses every access token of the account that has not expired by `now`. */
export async function revokeTokensOf(tx: Tx, userId: string, now: Date): Promise<void> {
  await tx.run(
    `insert into revoked_tokens (token_id, expires_at)
     select access_token_id, access_expires_at from refresh_tokens join sessions on sessions.id = session_id
     where user_id = $1 and access_expires_at > $2 on conflict (token_id) do nothing`,
    [userId, now],
  );
}
