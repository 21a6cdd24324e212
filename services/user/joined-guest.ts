import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { GuestJoinedSchema } from "#gen/stoa/user/v1/user_pb.js";
import type { Tx } from "#platform/database/db.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { UserContext } from "./context.ts";

/** Whoever brings a guest's token has been that guest: what the guest has begun follows. By the token alone, never by an address. */
export async function tellJoinedGuest(
  ctx: UserContext,
  tx: Tx,
  { call, userId }: { call: Call; userId: string },
): Promise<void> {
  const guestId = guestOf(call);
  if (guestId === undefined) return;
  const payload = { guestId, userId, joinedAt: timestampFromDate(ctx.clock.now()) };
  await ctx.outbox.emit(tx, call, GuestJoinedSchema, { aggregateId: guestId, payload });
}

/** The guest who calls, if it is one. */
export function guestOf({ actor }: Pick<Call, "actor">): string | undefined {
  return actor.kind === "user" && actor.role === "guest" ? actor.userId : undefined;
}
