import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { MakePasswordResetRequest } from "#gen/stoa/user/v1/user_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import { appError } from "#platform/kit/errors.ts";
import { isUuid, randomSecret } from "#platform/kit/ids.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { UserContext } from "../context.ts";
import { countPasswordResets, insertPasswordReset } from "../password-reset-store.ts";
import { hashOfToken } from "../sessions.ts";
import { lockUser } from "../store.ts";

const hourMs = 3_600_000;
/** Nobody's mailbox is filled by somebody who knows the address. */
const perHourMax = 3;

/** The token leaves by the answer of this call and by no other way: no event, task or log has it. */
export async function makePasswordReset(ctx: UserContext, { userId }: MakePasswordResetRequest, call: Call) {
  if (requireService(call) !== "email")
    throw appError("forbidden", "SERVICE_REQUIRED", {
      publicMessage: "Only the service of the shop that writes mails may call this.",
    });
  if (!isUuid(userId)) return {};
  const token = randomSecret();
  const createdAt = ctx.clock.now();
  const expiresAt = new Date(createdAt.getTime() + ctx.config.USER_PASSWORD_RESET_MINUTES * 60_000);
  const user = await ctx.db.inTransaction(async (tx) => {
    const locked = await lockUser(tx, userId);
    if (!locked || locked.disabledAt) return undefined;
    const made = await countPasswordResets(tx, userId, new Date(createdAt.getTime() - hourMs));
    if (made >= perHourMax) return undefined;
    await insertPasswordReset(tx, { tokenHash: hashOfToken(token), userId, createdAt, expiresAt });
    return locked;
  });
  return user ? { token, email: user.email, expiresAt: timestampFromDate(expiresAt) } : {};
}
