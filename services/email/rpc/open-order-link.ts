import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { OpenOrderLinkRequest } from "#gen/stoa/email/v1/email_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { EmailContext } from "../context.ts";
import { refusal } from "../errors.ts";

export async function openOrderLink(
  ctx: EmailContext,
  { orderId, access }: OpenOrderLinkRequest,
  call: Call,
) {
  requireService(call);
  const expiresAt = ctx.links.expiryOf(orderId, access);
  if (!expiresAt) throw refusal("LINK_INVALID");
  return await Promise.resolve({ expiresAt: timestampFromDate(expiresAt) });
}
