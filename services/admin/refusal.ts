import { ApiProblem } from "#gen/rest/rest-client.ts";
import { ForeignRequest } from "#platform/web/same-origin.ts";
import type { AdminWords } from "./context.ts";

export type RefusalName =
  "busy" | "failed" | "foreign" | "maintenance" | "notFound" | "request" | "staff" | "tired";

/** A page that cannot be shown as asked; its words are those of the message files. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly named: RefusalName;
  readonly retryAfterSeconds: number | undefined;
  readonly #detail: string | undefined;

  constructor(status: number, named: RefusalName, retryAfterSeconds?: number, detail?: string) {
    super(`${status} ${named}`);
    this.status = status;
    this.named = named;
    this.retryAfterSeconds = retryAfterSeconds;
    this.#detail = detail;
  }

  heading(words: AdminWords): string {
    return words.text(`refusal.${this.named}.heading`);
  }

  /** The API speaks English; its sentence is better than ours for those who read it, and nothing for the others. */
  sentence(words: AdminWords): string {
    return this.#detail && words.isEnglish ? this.#detail : words.text(`refusal.${this.named}.text`);
  }
}

/** Leads to the page to sign in. */
export class SignInNeeded extends Error {
  override readonly name = "SignInNeeded";
}

/** Anything thrown while a page is made, as words and a status; what we do not know is our fault and tells nothing. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof ApiProblem) return refusalOfProblem(error);
  if (error instanceof ForeignRequest) return new Refusal(403, "foreign");
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  if (typeof status === "number" && status >= 400 && status < 500) return new Refusal(status, "request");
  return new Refusal(500, "failed");
}

function refusalOfProblem({ status, code, detail, retryAfterSeconds }: ApiProblem): Refusal {
  if (code.startsWith("MAINTENANCE")) return new Refusal(503, "maintenance", retryAfterSeconds ?? 60);
  if (status === 404) return new Refusal(404, "notFound");
  if (status === 429) return new Refusal(429, "busy", retryAfterSeconds ?? 10);
  if (status < 500) return new Refusal(status === 400 ? 422 : status, "request", undefined, detail);
  return new Refusal(503, "tired", retryAfterSeconds ?? 5);
}

/** What the API refused, said beside what was tried. */
export function problemText(words: AdminWords, { code, detail }: ApiProblem, otherwise: string): string {
  return words.find(`problem.${code}`) ?? ((words.isEnglish && detail) || otherwise);
}
