import { invalid, isKind } from "#platform/kit/errors.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { CheckoutContext } from "./context.ts";

const emailLengthMax = 254;
const optionalTimeoutMs = 500;

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
    const email = await emailOf(ctx, buyer, call);
    if (email !== undefined) return email;
  }
  if (buyer.isEmailOptional) return "";
  throw invalid([{ path: "email", message: "is required of guests" }]);
}

/** Where it is not needed, nothing waits for it: a quote costs the same without. */
async function emailOf(
  ctx: CheckoutContext,
  { userId, isEmailOptional }: { userId: string; isEmailOptional: boolean },
  call: Call,
): Promise<string | undefined> {
  const options = isEmailOptional ? { ...call.onward, timeoutMs: optionalTimeoutMs } : call.onward;
  try {
    return (await ctx.clients.user.getUser({ userId }, options)).user?.email;
  } catch (error) {
    if (isEmailOptional && isKind(error, "unavailable", "deadline_exceeded")) return undefined;
    throw error;
  }
}

function parseEmail(email: string): string {
  if (email.length <= emailLengthMax && emailPattern.test(email)) return email;
  throw invalid([{ path: "email", message: "must be an email address" }]);
}
