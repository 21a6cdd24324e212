import { PasswordForgottenSchema } from "#gen/stoa/user/v1/user_pb.js";
import { defineTask, type TaskDefinition } from "#platform/database/tasks.ts";
import type { UserContext } from "../context.ts";
import { findUserByEmail } from "../store.ts";

export const tellForgottenName = "tell-forgotten";

/** Looks for the account once the answer is given, so that how long that took tells nothing about it. */
export function tellForgottenTask(ctx: Pick<UserContext, "db" | "outbox">): TaskDefinition {
  return defineTask<{ email: string }>({
    name: tellForgottenName,
    policy: { attemptsMax: 5 },
    run: async ({ payload: { email }, call }) => {
      const user = await findUserByEmail(ctx.db, email);
      if (!user || user.disabledAt) return;
      await ctx.db.inTransaction(async (tx) => {
        await ctx.outbox.emit(tx, call, PasswordForgottenSchema, {
          aggregateId: user.id,
          payload: { userId: user.id },
        });
      });
    },
  });
}
