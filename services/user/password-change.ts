import { PasswordChangedSchema } from "#gen/stoa/user/v1/user_pb.js";
import type { Tx } from "#platform/database/db.ts";
import type { Cause } from "#platform/database/tasks.ts";
import type { UserContext } from "./context.ts";
import type { UserRow } from "./user.ts";

/** Whoever has the account learns of it, also when somebody else did it. */
export async function tellPasswordChanged(
  ctx: Pick<UserContext, "outbox">,
  tx: Tx,
  cause: Cause,
  { id, email }: UserRow,
): Promise<void> {
  const payload = { userId: id, email };
  await ctx.outbox.emit(tx, cause, PasswordChangedSchema, { aggregateId: id, payload });
}
