import { createHash } from "node:crypto";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { Tx } from "#platform/database/db.ts";
import { clockSkewMs, tokenMs } from "#platform/auth/token.ts";
import { newId, randomSecret } from "#platform/kit/ids.ts";
import type { UserContext } from "./context.ts";
import { insertSession, insertTokenPair, revokeTokensOf } from "./session-store.ts";
import { updateUser } from "./store.ts";
import type { UserRow } from "./user.ts";

const dayMs = 24 * 3_600_000;

/** A new sign-in of an account whose row the transaction holds. */
export async function openSession(ctx: UserContext, tx: Tx, account: UserRow) {
  const user = await withReachedCutoff(ctx, tx, account);
  const session = { id: newId(), userId: user.id, createdAt: issueTime(ctx, user) };
  await insertSession(tx, session);
  return await issueTokens(ctx, tx, user, { sessionId: session.id });
}

/**
 * A cut-off that lies ahead was made by a clock that ran ahead, and nobody believes a token from the future: the account could not be
 * entered until then. What the cut-off has ended is ended one by one instead, and the cut-off comes back to now.
 */
async function withReachedCutoff(ctx: UserContext, tx: Tx, user: UserRow): Promise<UserRow> {
  const now = ctx.clock.now();
  if (!user.tokensNotBefore || user.tokensNotBefore.getTime() <= now.getTime() + clockSkewMs) return user;
  await revokeTokensOf(tx, user.id, now);
  const reached = { ...user, tokensNotBefore: now };
  await updateUser(tx, reached);
  return reached;
}

/** The next pair of tokens of a session. */
export async function issueTokens(
  ctx: UserContext,
  tx: Tx,
  user: UserRow,
  { sessionId, replaces = null }: { readonly sessionId: string; readonly replaces?: Buffer | null },
) {
  const issuedAt = issueTime(ctx, user);
  const expiresAt = new Date(issuedAt.getTime() + tokenMs[user.role]);
  const refreshToken = randomSecret();
  const tokenId = newId();
  await insertTokenPair(tx, {
    tokenHash: hashOfToken(refreshToken),
    sessionId,
    accessTokenId: tokenId,
    issuedAt,
    accessExpiresAt: expiresAt,
    expiresAt: new Date(issuedAt.getTime() + ctx.config.USER_REFRESH_TOKEN_DAYS * dayMs),
    replaces,
  });
  const { id: userId, role, email } = user;
  const token = ctx.keys.sign({ id: tokenId, userId, role, issuedAt, expiresAt, email });
  return { token, expiresAt: timestampFromDate(expiresAt), refreshToken };
}

/**
 * A guest's token; nothing of it is stored. By the key of accounts, which services of every release believe: the gateway asks for one
 * only while there are some that do not know the key of guests.
 */
export function guestSession(ctx: UserContext, guestId: string) {
  const issuedAt = ctx.clock.now();
  const expiresAt = new Date(issuedAt.getTime() + tokenMs.guest);
  const token = ctx.keys.sign({ id: newId(), userId: guestId, role: "guest", issuedAt, expiresAt });
  return { token, expiresAt: timestampFromDate(expiresAt), refreshToken: "" };
}

/** Only the hash is stored: a copy of the database signs nobody in. The token has 256 random bits, so one round is enough. */
export function hashOfToken(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

/** Now, but never before the account's cut-off: clocks of two replicas may differ a little. */
function issueTime(ctx: UserContext, { tokensNotBefore }: UserRow): Date {
  return new Date(Math.max(ctx.clock.now().getTime(), tokensNotBefore?.getTime() ?? 0));
}
