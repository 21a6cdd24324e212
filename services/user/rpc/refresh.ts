import type { RefreshRequest } from "#gen/stoa/user/v1/user_pb.js";
import type { Tx } from "#platform/database/db.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { UserContext } from "../context.ts";
import { refusal } from "../errors.ts";
import { findJustUsed, lockSessionOfRefreshToken, revokeSession, useRefreshToken } from "../session-store.ts";
import { hashOfToken, issueTokens } from "../sessions.ts";
import { lockUserForSession } from "../store.ts";
import { userMessage } from "../user.ts";

const tokenLengthMax = 128;

/** Longer than a browser waits with pages it opened together. Afterwards a token that comes again was stolen, from one side or the other. */
export const pagesMs = 45_000;
/** More than anybody opens at once. */
const pairsMax = 100;

// public: the refresh token in the request is the proof
export async function refresh(ctx: UserContext, request: RefreshRequest, { service }: Pick<Call, "service">) {
  if (request.refreshToken.length > tokenLengthMax) throw refusal("REFRESH_TOKEN_INVALID");
  const tokenHash = hashOfToken(request.refreshToken);
  // Outside callers cannot say it.
  const isForPages = request.forPages && service !== undefined;
  // A refusal is thrown outside: the revocation it may come with must be committed.
  const renewed = await ctx.db.inTransaction((tx) => renew(ctx, tx, { tokenHash, isForPages }));
  if (!renewed) throw refusal("REFRESH_TOKEN_INVALID");
  return { user: userMessage(renewed.user), session: renewed.session };
}

interface Renewal {
  readonly tokenHash: Buffer;
  readonly isForPages: boolean;
}

async function renew(ctx: UserContext, tx: Tx, { tokenHash, isForPages }: Renewal) {
  const session = await lockSessionOfRefreshToken(tx, tokenHash);
  if (!session) return undefined;
  const now = ctx.clock.now();
  const usedSince = new Date(now.getTime() - pagesMs);
  const expiresAt =
    (await useRefreshToken(tx, tokenHash, now)) ??
    (isForPages ? await findJustUsed(tx, tokenHash, { usedSince, pairsMax }) : undefined);
  if (!expiresAt) {
    // Two holders of one token: one of them stole it, and nobody can tell which.
    await revokeSession(tx, session.id, now);
    return undefined;
  }
  const user = await lockUserForSession(tx, session.userId);
  if (!user || user.disabledAt || session.revokedAt || expiresAt <= now) return undefined;
  if (user.tokensNotBefore && session.createdAt < user.tokensNotBefore) return undefined;
  return { user, session: await issueTokens(ctx, tx, user, { sessionId: session.id, replaces: tokenHash }) };
}
