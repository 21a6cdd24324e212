// Countries by code and by the names people write.

const english = new Intl.DisplayNames(["en"], { type: "region" });

/** Regions of the display data that are no countries one can send a parcel to. */
const notCountries = new Set([
  "AC",
  "CP",
  "CQ",
  "DG",
  "EA",
  "EU",
  "EZ",
  "IC",
  "QO",
  "TA",
  "UN",
  "XA",
  "XB",
  "XK",
  "ZZ",
]);

export interface Country {
  readonly code: string;
  readonly name: string;
}

/** ISO 3166-1, by English name. */
export const countries: readonly Country[] = listCountries();

const byLocale = new Map<string, readonly { readonly value: string; readonly text: string }[]>();

/** All countries as choices of a form, by their names in the locale. */
export function countriesIn(locale: string) {
  let choices = byLocale.get(locale);
  if (!choices) {
    const names = new Intl.DisplayNames([locale], { type: "region" });
    choices = countries
      .map(({ code }) => ({ value: code, text: names.of(code) ?? code }))
      .sort((a, b) => compareIn(locale, a.text, b.text));
    byLocale.set(locale, choices);
  }
  return choices;
}

function listCountries(): Country[] {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ".split("");
  const codes = letters.flatMap((first) => letters.map((second) => first + second));
  return codes
    .filter((code) => !notCountries.has(code) && english.of(code) !== code && currentCode(code) === code)
    .map((code) => ({ code, name: english.of(code) ?? code }))
    .sort((a, b) => compareIn("en", a.name, b.name));
}

/** As the language sorts. English names of countries need no rules of a language, which cost a process three megabytes. */
function compareIn(locale: string, a: string, b: string): number {
  if (locale !== "en") return a.localeCompare(b, locale);
  const [first, second] = [sortKey(a), sortKey(b)];
  return first < second ? -1 : first > second ? 1 : 0;
}

function sortKey(name: string): string {
  return name.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** Codes of countries that are no more, and UK, become the code in use. */
function currentCode(code: string): string | undefined {
  return new Intl.Locale(`und-${code}`).region;
}

const otherNames: { readonly [name: string]: string } = {
  usa: "US",
  us: "US",
  unitedstatesofamerica: "US",
  america: "US",
  greatbritain: "GB",
  england: "GB",
  scotland: "GB",
  wales: "GB",
  korea: "KR",
  republicofkorea: "KR",
  holland: "NL",
  czechrepublic: "CZ",
  turkey: "TR",
  hongkong: "HK",
  macau: "MO",
  burma: "MM",
  ivorycoast: "CI",
  capeverde: "CV",
  swaziland: "SZ",
  macedonia: "MK",
  russianfederation: "RU",
  vatican: "VA",
};

const languages = ["en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "tr", "ja", "zh"];
let codesByName: ReadonlyMap<string, string> | undefined;

/** The code of a country that was written as free text: a code, its English name, or its name in a dozen languages. */
export function findCountryCode(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed.length > 128) return undefined;
  const code = /^[a-z]{2}$/i.test(trimmed) ? currentCode(trimmed.toUpperCase()) : undefined;
  if (code !== undefined && countries.some((country) => country.code === code)) return code;
  // Forms of the shop send codes: the names of a dozen languages are looked up when somebody writes one.
  codesByName ??= listNames();
  return codesByName.get(plain(trimmed));
}

function listNames(): Map<string, string> {
  const names = new Map<string, string>();
  for (const language of languages) {
    const display = new Intl.DisplayNames([language], { type: "region" });
    for (const { code } of countries) {
      const name = plain(display.of(code) ?? "");
      if (name !== "" && !names.has(name)) names.set(name, code);
    }
  }
  for (const [name, code] of Object.entries(otherNames)) names.set(name, code);
  return names;
}

function plain(name: string): string {
  return name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/^the\s+/, "")
    .replaceAll("&", "and")
    .replace(/[^\p{L}]/gu, "");
}
