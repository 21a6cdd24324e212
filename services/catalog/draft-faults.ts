import { invalid, type FieldViolation } from "#platform/kit/errors.ts";
import type { Money } from "#platform/kit/money.ts";
import { isVisible } from "#platform/kit/visible-text.ts";
import { isReservedSlug } from "./reserved-slug.ts";
import { isSlug } from "./slug.ts";
import { isProductCode } from "./product.ts";
import { stockMax } from "./stock.ts";

const priceMinorMax = 999_999_999_999n;
const optionsMax = 10;

export function isPlainText(text: string): boolean {
  return text.isWellFormed() && !/\p{Cc}/u.test(text);
}

/** Checks fields of a product write and collects what is wrong, so that the caller hears of everything at once. */
export class DraftFaults {
  readonly #violations: FieldViolation[] = [];

  add(path: string, message: string): void {
    this.#violations.push({ path, message });
  }

  addIf(path: string, message: string | undefined): void {
    if (message !== undefined) this.add(path, message);
  }

  text(path: string, text: string, lengthMin: number, lengthMax: number): string {
    const trimmed = text.trim();
    if (trimmed.length < lengthMin || trimmed.length > lengthMax)
      this.add(path, `must have ${lengthMin} to ${lengthMax} characters`);
    else if (!isPlainText(trimmed)) this.add(path, "must not contain control characters");
    else if (lengthMin > 0 && !isVisible(trimmed)) this.add(path, "must have something to see in it");
    return trimmed;
  }

  /** Text that may have lines. */
  prose(path: string, text: string, lengthMax: number): string {
    if (text.length > lengthMax) this.add(path, `must have at most ${lengthMax} characters`);
    else if (!isPlainText(text.replace(/[\t\r\n]/g, " ")))
      this.add(path, "must not contain control characters");
    return text;
  }

  code(code: string): string {
    if (!isProductCode(code)) this.add("code", "must be 10 upper-case letters and digits");
    return code;
  }

  slug(slug: string): string {
    if (!isSlug(slug) || isProductCode(slug))
      this.add(
        "slug",
        "must be small letters and digits of any script with single hyphens, at most 80 characters",
      );
    else if (isReservedSlug(slug)) this.add("slug", "must be another one: a page of the shop has this name");
    return slug;
  }

  price(path: string, price: Money | undefined, currencyCode: string): bigint {
    if (price === undefined) this.add(path, "is required");
    else if (price.currencyCode !== currencyCode)
      this.add(`${path}.currencyCode`, `must be ${currencyCode}, the currency of this shop`);
    else if (price.minor < 0n || price.minor > priceMinorMax)
      this.add(`${path}.amount`, "must be 0 or more, with at most twelve digits");
    return price?.minor ?? 0n;
  }

  stock(path: string, stock: bigint | undefined): bigint | undefined {
    if (stock !== undefined && (stock < 0n || stock > stockMax))
      this.add(path, `must be from 0 to ${stockMax}`);
    return stock;
  }

  options(path: string, options: { readonly [name: string]: string }): void {
    const entries = Object.entries(options);
    if (entries.length > optionsMax) this.add(path, `must have at most ${optionsMax} entries`);
    for (const [name, value] of entries.slice(0, optionsMax)) {
      this.text(`${path}.${name.slice(0, 40)}`, value, 1, 80);
      if (!isPlainText(name) || name.length < 1 || name.length > 40)
        this.add(path, "must have names of 1 to 40 characters");
      else if (!isVisible(name)) this.add(path, "must have names with something to see in them");
    }
  }

  throwIfAny(): void {
    if (this.#violations.length > 0) throw invalid(this.#violations);
  }
}
