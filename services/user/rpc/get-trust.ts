import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { GetTrustRequest } from "#gen/stoa/platform/v1/trust_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import { guestKeyOf } from "#platform/auth/guest-key.ts";
import { tokenMsMax } from "#platform/auth/token.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { UserContext } from "../context.ts";
import { listRevokedTokens } from "../session-store.ts";
import { listCutoffs } from "../store.ts";

export async function getTrust(ctx: UserContext, _request: GetTrustRequest, call: Call) {
  requireService(call);
  // Every process asks all the time: where the tables are locked, that must not hold a connection for each of them.
  const { revoked, cutoffs } = await (ctx.revocations.reading ??= readRevocations(ctx));
  return {
    jwksJson: jwksJson(ctx),
    revokedTokens: revoked.map(({ tokenId, expiresAt }) => ({
      tokenId,
      expiresAt: timestampFromDate(expiresAt),
    })),
    cutoffs: cutoffs.map(({ userId, notBefore }) => ({ userId, notBefore: timestampFromDate(notBefore) })),
  };
}

async function readRevocations(ctx: UserContext) {
  try {
    const now = ctx.clock.now();
    const [revoked, cutoffs] = await Promise.all([
      listRevokedTokens(ctx.db, now),
      listCutoffs(ctx.db, new Date(now.getTime() - tokenMsMax)),
    ]);
    return { revoked, cutoffs };
  } finally {
    ctx.revocations.reading = undefined;
  }
}

/** With the key of guests: services of the release before cannot make it, and take it from here. */
function jwksJson({ keys, shop }: UserContext): string {
  return JSON.stringify({ keys: [...keys.publicJwks(), guestKeyOf(shop.serviceKey).publicJwk] });
}
