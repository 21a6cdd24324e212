import { invalid } from "#platform/kit/errors.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { CheckoutContext } from "./context.ts";

const emailLengthMax = 254;

/** One @, something on both sides, a dot in the domain, nothing that could leave a header line; linear to check. */
const emailPattern =
  /^[^\s@"(),:;<>[\\\]\p{C}]{1,64}@[^\s@"(),:;<>[\\\]\p{C}]+\.[^\s@."(),:;<>[\\\]\p{C}]+$/u;

/** The address mails about the order go to: the one given, else the account's own. Guests must give one. */
export async function buyerOf(
  ctx: CheckoutContext,
  buyer: { userId: string; email: string; isEmailOptional: boolean },
  call: Call,
): Promise<string> {
  if (buyer.email !== "") return parseEmail(buyer.email);
  if (call.actor.kind === "user" && call.actor.role !== "guest") {
    const { user } = await ctx.clients.user.getUser({ userId: buyer.userId }, call.onward);
    if (user) return user.email;
  }
  if (buyer.isEmailOptional) return "";
  throw invalid([{ path: "email", message: "is required of guests" }]);
}

function parseEmail(email: string): string {
  if (email.length <= emailLengthMax && emailPattern.test(email)) return email;
  throw invalid([{ path: "email", message: "must be an email address" }]);
}
