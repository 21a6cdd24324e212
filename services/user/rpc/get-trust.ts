import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { GetTrustRequest } from "#gen/stoa/platform/v1/trust_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { UserContext } from "../context.ts";
import { listRevokedTokens } from "../session-store.ts";
import { listCutoffs } from "../store.ts";
import { tokenMsMax } from "../token.ts";

export async function getTrust(ctx: UserContext, _request: GetTrustRequest, call: Call) {
  requireService(call);
  const now = ctx.clock.now();
  const [revoked, cutoffs] = await Promise.all([
    listRevokedTokens(ctx.db, now),
    listCutoffs(ctx.db, new Date(now.getTime() - tokenMsMax)),
  ]);
  return {
    jwksJson: ctx.keys.jwksJson(),
    revokedTokens: revoked.map(({ tokenId, expiresAt }) => ({
      tokenId,
      expiresAt: timestampFromDate(expiresAt),
    })),
    cutoffs: cutoffs.map(({ userId, notBefore }) => ({ userId, notBefore: timestampFromDate(notBefore) })),
  };
}
