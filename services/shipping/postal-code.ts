// Postal codes as people write them, and as they are stored: pure.
import { countrySigns, postalCodeRule } from "./postal-codes.ts";

/** The code in its official spelling, or undefined when it cannot be one of the country. What is not needed may be empty. */
export function normalPostalCode(text: string, country: string): string | undefined {
  const { need, forms } = postalCodeRule(country);
  const written = plainText(text);
  const compact = written.replace(separators, "");
  if (compact === "") return need === "required" ? undefined : "";
  // Where forms insist on a code, people who have none write zeros.
  if (/^0+$/.test(compact)) return need === "required" ? undefined : "";
  if (forms.length === 0) return freePostalCode(written);
  if (!/^[A-Z0-9]+$/.test(compact)) return undefined;
  for (const candidate of candidatesOf(compact, country))
    for (const form of forms) {
      const code = fitted(candidate, form);
      if (code !== undefined && isPossible(code, country)) return code;
    }
  return undefined;
}

const freeLengthMax = 16;

/** Of a country that has no codes, or none that we know: anything short that looks like one. */
function freePostalCode(written: string): string | undefined {
  const text = written.replace(/\s+/g, " ").trim();
  return text.length <= freeLengthMax && /^[\p{L}\p{N} ./-]*$/u.test(text) ? text : undefined;
}

/** Half-width, in capitals, with our own digits and without what cannot be seen. */
function plainText(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/\p{Nd}/gu, decimalDigit)
    .replace(/[\p{Cf}〒〶]/gu, "")
    .replace(/[\p{Pd}−ー‐]/gu, "-")
    .toUpperCase()
    .trim();
}

/** Digits of every script come in runs of ten, from zero up. */
function decimalDigit(digit: string): string {
  let value = 0;
  const point = digit.codePointAt(0) ?? 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(point - value - 1))) value += 1;
  return point < 128 ? digit : String(value % 10);
}

const separators = /[\s\-._·'’,:()/]/gu;

/** Words for "postal code" that stand before it. */
const labels = /^(?:CAP|CEP|CODE|CP|NPA|PC|PIN|PLZ|POSTCODE|PSC|PSČ|ZIP)(?=\d)/;

/** As it is, without a country before or behind it, without a word for what it is, with the country that belongs into it. */
function candidatesOf(compact: string, country: string): readonly string[] {
  const bare = compact.replace(labels, "");
  const signs = countrySigns(country);
  const before = signs.filter((sign) => bare.startsWith(sign)).map((sign) => bare.slice(sign.length));
  const behind = bare.endsWith(country) ? [bare.slice(0, -country.length)] : [];
  return [compact, bare, ...before, ...behind, `${country}${bare}`].filter((candidate) => candidate !== "");
}

/** The candidate with the separators of the form; undefined when it does not fit. */
function fitted(candidate: string, form: string): string | undefined {
  if (form === "BRITISH") return british(candidate);
  let at = 0;
  let code = "";
  for (const sign of form) {
    if (sign === " " || sign === "-") {
      code += sign;
      continue;
    }
    const character = candidate[at] ?? "";
    if (!isFitting(character, sign)) return undefined;
    code += character;
    at += 1;
  }
  return at === candidate.length ? code : undefined;
}

function isFitting(character: string, sign: string): boolean {
  if (sign === "#") return /^\d$/.test(character);
  if (sign === "@") return /^[A-Z]$/.test(character);
  if (sign === "*") return /^[A-Z\d]$/.test(character);
  return character === sign;
}

/** Two halves; the second is a digit and two letters. The forces have numbers of their own. */
function british(candidate: string): string | undefined {
  const forces = /^BFPO(\d{1,4})$/.exec(candidate);
  if (forces) return `BFPO ${forces[1]}`;
  const [, outward, inward] = /^([A-Z]{1,2}\d[A-Z\d]?|GIR)(\d[ABD-HJLNP-UW-Z]{2})$/.exec(candidate) ?? [];
  return outward === undefined ? undefined : `${outward} ${inward}`;
}

/** What the form alone does not say. */
const limits: { readonly [country: string]: RegExp } = {
  AT: /^[1-9]/,
  BE: /^[1-9]/,
  CA: /^[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z] \d[ABCEGHJ-NPRSTV-Z]\d$/,
  CH: /^[1-9]/,
  ES: /^(?:0[1-9]|[1-4]\d|5[0-2])/,
  FR: /^(?:0[1-9]|[1-9]\d)/,
  HU: /^[1-9]/,
  IN: /^[1-9]/,
  LI: /^94[89]/,
  LU: /^[1-9]/,
  MC: /^980/,
  NL: /^[1-9]/,
  SM: /^4789/,
  VA: /^00120$/,
};

function isPossible(code: string, country: string): boolean {
  return limits[country]?.test(code) ?? true;
}
