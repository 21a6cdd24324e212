import { UserService } from "#gen/stoa/user/v1/user_pb.js";
import { parseEmail } from "../services/user/email.ts";
import type { CommandContext } from "./command.ts";
import { withServices } from "./open-back-end.ts";

/** `user erase <email>`: forgets a person everywhere but where the law keeps the order. Safe to repeat, and beside a running shop. */
export async function eraseUser(context: CommandContext): Promise<void> {
  const email = parseEmail(context.args[0] ?? "", "email");
  await withServices(
    context,
    ["user"],
    async (running) => {
      const { hadAccount } = await running.client(UserService, "user", "stoa").eraseUser({ email });
      context.print(
        `${hadAccount ? "The account is gone." : "There was no account of this address."} What other services keep of the person goes as soon as the shop runs; orders keep what belongs to them.`,
      );
    },
    { mustExist: true },
  );
}
