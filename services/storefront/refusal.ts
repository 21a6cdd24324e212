import { ApiProblem } from "#gen/rest/rest-client.ts";
import { ForeignRequest } from "#platform/web/same-origin.ts";
import type { ShopWords } from "./look.ts";

export type RefusalName =
  | "busy"
  | "currency"
  | "failed"
  | "foreign"
  | "form"
  | "gone"
  | "large"
  | "notFound"
  | "product"
  | "quantity"
  | "refused"
  | "request"
  | "status"
  | "tired"
  | "wrong";

interface RefusalParts {
  readonly retryAfterSeconds?: number | undefined;
  readonly values?: { readonly [name: string]: string | number };
  /** What the API said, in English. */
  readonly detail?: string;
}

/** A page that cannot be shown as asked; its words are those of the message files. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;
  readonly #named: RefusalName | "maintenance";
  readonly #parts: RefusalParts;

  constructor(status: number, named: RefusalName | "maintenance", parts: RefusalParts = {}) {
    super(`${status} ${named}`);
    this.status = status;
    this.retryAfterSeconds = parts.retryAfterSeconds;
    this.#named = named;
    this.#parts = parts;
  }

  heading(words: ShopWords): string {
    return words.text(
      this.#named === "maintenance" ? "maintenance.heading" : `refusal.${this.#named}.heading`,
    );
  }

  /** The API speaks English; its sentence is better than ours for those who read it, and nothing for the others. */
  sentence(words: ShopWords): string {
    const { detail, values } = this.#parts;
    if (detail && words.isEnglish) return detail;
    if (this.#named === "maintenance") return words.text("maintenance.text");
    return words.text(`refusal.${this.#named}.text`, values);
  }
}

export function pageNotFound(what: "page" | "product" | "category" | "order" | "file" = "page"): Refusal {
  return new Refusal(404, "notFound", { values: { what } });
}

/** Where to go to sign in, for a page that needs an account. */
export class SignInNeeded extends Error {
  override readonly name = "SignInNeeded";
}

/** Anything thrown while a page is made, as words and a status; what we do not know is our fault and tells nothing. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof ApiProblem) return refusalOfProblem(error);
  if (error instanceof ForeignRequest) return new Refusal(403, "foreign");
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  if (status === 413) return new Refusal(413, "large");
  if (status === 415) return new Refusal(415, "form");
  if (typeof status === "number" && status >= 400 && status < 500) return new Refusal(status, "request");
  return new Refusal(500, "failed");
}

function refusalOfProblem({ status, code, detail, retryAfterSeconds }: ApiProblem): Refusal {
  if (code.startsWith("MAINTENANCE"))
    return new Refusal(503, "maintenance", { retryAfterSeconds: retryAfterSeconds ?? 60 });
  if (status === 404) return new Refusal(404, "gone", { detail });
  if (status === 429) return new Refusal(429, "busy", { retryAfterSeconds: retryAfterSeconds ?? 10 });
  if (status === 400 || status === 422) return new Refusal(422, "wrong", { detail });
  if (status < 500) return new Refusal(status, "refused", { detail });
  return new Refusal(503, "tired", { retryAfterSeconds: retryAfterSeconds ?? 5 });
}

/** What the API refused, said in a form: in words of our own where there are some, else in its own for those who read English. */
export function problemText(words: ShopWords, { code, detail }: ApiProblem, otherwise: string): string {
  return words.find(`problem.${code}`) ?? ((words.isEnglish && detail) || otherwise);
}

/** What the API says about one field. */
export function fieldText(words: ShopWords, message: string): string {
  if (!words.isEnglish) return words.text("wrong.field");
  const sentence = message.replace(/\.$/, "");
  return /^\p{Lu}/u.test(sentence) ? `${sentence}.` : `It ${sentence}.`;
}
