import { invalid, isKind } from "#platform/kit/errors.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { CheckoutContext } from "./context.ts";

const emailLengthMax = 254;
const patienceMs = 2_000;

/** One @, something on both sides, a dot in the domain, nothing that could leave a header line; linear to check. */
const emailPattern =
  /^[^\s@"(),:;<>[\\\]\p{C}]{1,64}@[^\s@"(),:;<>[\\\]\p{C}]+\.[^\s@."(),:;<>[\\\]\p{C}]+$/u;

interface Buyer {
  readonly userId: string;
  /** As typed; empty for none. */
  readonly email: string;
}

/**
 * Begins to find the address that mails about an order go to: the one given, else the account's own. Guests must give one. What it
 * answers gives the address at the end of the other questions: what the user service has said by then, else what the token says, so
 * that an order never waits for that service. Only a token of the release before, which says nothing, makes it wait.
 */
export function beginBuyer(
  ctx: CheckoutContext,
  { userId, email }: Buyer,
  call: Call,
): () => Promise<string> {
  if (email !== "") {
    const given = parseEmail(email);
    return () => Promise.resolve(given);
  }
  const { actor } = call;
  if (actor.kind !== "user" || actor.role === "guest")
    throw invalid([{ path: "email", message: "is required of guests" }]);
  const asking = accountEmail(ctx, userId, call);
  const { email: known } = actor.token;
  let latest = known === undefined ? asking : Promise.resolve(known);
  // Away is no answer; an account that is gone is one.
  const isAnswer = (error: unknown) => !isKind(error, "unavailable", "deadline_exceeded", "canceled");
  asking.then(
    () => (latest = asking),
    (error: unknown) => {
      if (isAnswer(error)) latest = asking;
    },
  );
  return () => latest;
}

async function accountEmail({ clients }: CheckoutContext, userId: string, call: Call): Promise<string> {
  const { user } = await clients.user.getUser({ userId }, { ...call.onward, timeoutMs: patienceMs });
  return user?.email ?? "";
}

/** What was typed, where nobody is to be asked: a quote costs the same without. */
export function parseGivenEmail(email: string): string {
  return email === "" ? "" : parseEmail(email);
}

function parseEmail(email: string): string {
  if (email.length <= emailLengthMax && emailPattern.test(email)) return email;
  throw invalid([{ path: "email", message: "must be an email address" }]);
}
