import { timestampDate } from "@bufbuild/protobuf/wkt";
import { defineTask, type TaskDefinition } from "#platform/database/tasks.ts";
import { resetMail } from "../account-mails.ts";
import type { EmailContext } from "../context.ts";
import { queueMail } from "../queue-mail.ts";

export const mailPasswordResetName = "mail-password-reset";

/** Asks for the token only when the mail is written. The key is the id of the event that asked for it. */
export function mailPasswordResetTask(ctx: EmailContext): TaskDefinition {
  return defineTask<{ userId: string }>({
    name: mailPasswordResetName,
    policy: { attemptsMax: 8 },
    run: async ({ key, payload: { userId }, call }) => {
      const { token, email, expiresAt } = await ctx.clients.user.makePasswordReset({ userId }, call);
      if (token === "" || !expiresAt) return;
      const remainingMs = timestampDate(expiresAt).getTime() - ctx.clock.now().getTime();
      const content = resetMail(ctx.shop, token, Math.max(1, Math.round(remainingMs / 60_000)));
      const mail = { ...content, orderId: "", template: "password-reset", part: key, recipient: email };
      await ctx.db.inTransaction(async (tx) => await queueMail(ctx, tx, call, { mail, isForeign: false }));
    },
  });
}
