import { ApiProblem } from "#gen/rest/rest-client.ts";
import { ForeignRequest } from "#platform/web/same-origin.ts";

/** A page that cannot be shown as asked, with words for the shopper. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly heading: string;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, heading: string, message: string, retryAfterSeconds?: number) {
    super(message);
    this.status = status;
    this.heading = heading;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export function pageNotFound(what = "This page"): Refusal {
  return new Refusal(
    404,
    "We cannot find that",
    `${what} is not here. It may have moved, or the address has a typing error.`,
  );
}

/** Where to go to sign in, for a page that needs an account. */
export class SignInNeeded extends Error {
  override readonly name = "SignInNeeded";
}

/** Anything thrown while a page is made, as words and a status; what we do not know is our fault and tells nothing. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof ApiProblem) return refusalOfProblem(error);
  if (error instanceof ForeignRequest)
    return new Refusal(403, "That came from elsewhere", "Another site sent this request; nothing was done.");
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  if (status === 413)
    return new Refusal(413, "That was too much", "The form is larger than this shop accepts.");
  if (status === 415)
    return new Refusal(415, "We cannot read that", "Send forms as application/x-www-form-urlencoded.");
  if (typeof status === "number" && status >= 400 && status < 500)
    return new Refusal(status, "We cannot read that", "The request is not one that this shop understands.");
  return new Refusal(
    500,
    "Something went wrong",
    "This is our fault, not yours. Nothing was lost; please try again.",
  );
}

function refusalOfProblem(problem: ApiProblem): Refusal {
  const { status, code, detail, retryAfterSeconds } = problem;
  if (code.startsWith("MAINTENANCE"))
    return new Refusal(
      503,
      "We will be right back",
      "The shop is closed for a moment of maintenance. Your cart is kept.",
      retryAfterSeconds ?? 60,
    );
  if (status === 404) return new Refusal(404, "We cannot find that", detail || "It is not here any more.");
  if (status === 429)
    return new Refusal(
      429,
      "One moment, please",
      "That were many requests at once.",
      retryAfterSeconds ?? 10,
    );
  if (status === 400 || status === 422)
    return new Refusal(422, "That did not work", detail || "Please check what you entered.");
  if (status < 500) return new Refusal(status, "That did not work", detail || "The shop refused this.");
  return new Refusal(
    503,
    "The shop is out of breath",
    "A part of the shop does not answer. Please try again in a moment.",
    retryAfterSeconds ?? 5,
  );
}
