// Where a shopper probably is, until they say so.
import { findCountryCode } from "./countries.ts";

export interface Place {
  readonly country: string;
  readonly postalCode: string;
}

/** The country that the browser's languages speak of, the most wanted first; where the shop is if they speak of none. */
export function guessCountry(acceptLanguage: string | undefined, shopCountry: string): string {
  for (const tag of wantedLanguages(acceptLanguage ?? "")) {
    const country = countryOf(tag, shopCountry);
    if (country !== undefined) return country;
  }
  return shopCountry;
}

/** An address in the country that costs what most addresses there do; a code is in it where parcels cannot do without. */
export function placeIn(country: string): Place {
  return { country, postalCode: samplePostalCodes[country] ?? "" };
}

function wantedLanguages(acceptLanguage: string): string[] {
  return acceptLanguage
    .slice(0, 400)
    .split(",")
    .map((part) => {
      const [tag = "", ...rest] = part.split(";").map((piece) => piece.trim());
      const quality = rest.map((piece) => /^q=(\d(?:\.\d{1,3})?)$/.exec(piece)?.[1]).find(Boolean);
      return { tag, quality: Number(quality ?? 1) };
    })
    .filter(({ tag, quality }) => /^[a-z]{2,3}(-[a-z\d]{1,8})*$/i.test(tag) && quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map(({ tag }) => tag);
}

/** A language without a region is that of the shop's country where both are one, else that of where most people speak it. */
function countryOf(tag: string, shopCountry: string): string | undefined {
  try {
    const locale = new Intl.Locale(tag);
    const named = findCountryCode(locale.region ?? "");
    if (named !== undefined) return named;
    const spoken = new Intl.Locale([locale.language, locale.script].filter(Boolean).join("-")).maximize();
    const atHome = new Intl.Locale(`und-${shopCountry}`).maximize();
    if (atHome.language === spoken.language && atHome.script === spoken.script) return shopCountry;
    return findCountryCode(spoken.region ?? "");
  } catch {
    return undefined;
  }
}

/** One postal code of each country whose addresses are wrong without, for an estimate before an address is typed. */
export const samplePostalCodes: { readonly [code: string]: string } = {
  AD: "AD500",
  AT: "1010",
  AU: "2000",
  AZ: "AZ1000",
  BA: "71000",
  BD: "1000",
  BE: "1000",
  BG: "1000",
  BR: "01310-100",
  BY: "220030",
  CA: "K1A 0B1",
  CH: "8001",
  CN: "100000",
  CO: "110111",
  CZ: "110 00",
  DE: "10115",
  DK: "1050",
  DO: "10101",
  DZ: "16000",
  EE: "10111",
  ES: "28001",
  FI: "00100",
  FR: "75001",
  GB: "SW1A 1AA",
  GR: "105 57",
  HR: "10000",
  HT: "HT6110",
  HU: "1051",
  ID: "10110",
  IE: "D02 AF30",
  IL: "9100000",
  IN: "110001",
  IR: "1193653471",
  IS: "101",
  IT: "00118",
  JP: "100-0001",
  KE: "00100",
  KR: "03051",
  KW: "13001",
  LI: "9490",
  LK: "00100",
  LT: "LT-01100",
  LU: "1111",
  LV: "LV-1050",
  MC: "98000",
  MG: "101",
  MT: "VLT 1117",
  MX: "06000",
  MY: "50000",
  NL: "1012 AB",
  NO: "0150",
  NP: "44600",
  NZ: "6011",
  PK: "44000",
  PL: "00-001",
  PR: "00901",
  PT: "1000-001",
  RO: "010011",
  RU: "101000",
  SA: "11564",
  SE: "111 20",
  SG: "018956",
  SI: "1000",
  SK: "811 01",
  TH: "10200",
  TN: "1000",
  TR: "06010",
  TW: "100",
  UA: "01001",
  US: "94043",
  ZA: "0001",
  ZM: "10101",
};
