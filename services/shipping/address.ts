// Which addresses a parcel can be sent to: pure.
import validator from "validator";
import type { Address } from "#gen/stoa/type/v1/address_pb.js";
import type { FieldViolation } from "#platform/kit/errors.ts";
import { addressInvalid } from "./errors.ts";

/** The fields of an address; generated messages fit. */
export type AddressFields = Omit<Address, "$typeName" | "$unknown">;

type TextField = Exclude<keyof AddressFields, "freeText">;

const lengthsMax: { readonly [F in TextField]: number } = {
  fullName: 200,
  line1: 200,
  line2: 200,
  city: 100,
  region: 100,
  postalCode: 16,
  country: 2,
};
const freeTextLengthMax = 512;
const required: readonly TextField[] = ["line1", "city", "country"];

const lineBreaks = /[\t\r\n]/g;
const controlCharacters = /[\p{Cc}\p{Zl}\p{Zp}]/u;

/** Throws ADDRESS_INVALID that names every wrong field, with paths relative to the address. */
export function requireAddress(address: AddressFields): void {
  const violations = address.freeText ? findFreeTextFaults(address) : findFaults(address);
  if (violations.length > 0) throw addressInvalid(violations);
}

/** Addresses of the foreign contract follow no rules but that they can be stored and printed. */
function findFreeTextFaults(address: AddressFields): FieldViolation[] {
  return textFields().flatMap((path) => {
    const text = address[path].replace(lineBreaks, " ");
    return faultsOfText(path, text, freeTextLengthMax);
  });
}

function findFaults(address: AddressFields): FieldViolation[] {
  const faults = textFields().flatMap((path) => {
    if (required.includes(path) && address[path].trim() === "") return [{ path, message: "is required" }];
    return faultsOfText(path, address[path], lengthsMax[path]);
  });
  if (faults.length > 0) return faults;
  const { country, postalCode } = address;
  if (!validator.isISO31661Alpha2(country) || country !== country.toUpperCase())
    return [
      { path: "country", message: "must be the two capital letters of a country (ISO 3166-1), such as US" },
    ];
  return faultsOfPostalCode(postalCode, country);
}

function faultsOfText(path: TextField, text: string, lengthMax: number): FieldViolation[] {
  if (text.length > lengthMax) return [{ path, message: `must have at most ${lengthMax} characters` }];
  if (controlCharacters.test(text) || !text.isWellFormed())
    return [{ path, message: "must not contain line breaks or other control characters" }];
  return [];
}

function faultsOfPostalCode(postalCode: string, country: string): FieldViolation[] {
  const path = "postalCode";
  if (!hasKnownPostalCodes(country)) {
    const isFine = /^[\p{L}\d -]*$/u.test(postalCode);
    return isFine ? [] : [{ path, message: "must consist of letters, digits, spaces and hyphens" }];
  }
  if (postalCode.trim() === "") return [{ path, message: `is required in ${country}` }];
  if (spellings(postalCode, country).some((spelling) => validator.isPostalCode(spelling, country))) return [];
  return [{ path, message: `is not a postal code of ${country}` }];
}

function hasKnownPostalCodes(country: string): country is validator.PostalCodeLocale {
  return (validator.isPostalCodeLocales as readonly string[]).includes(country);
}

/** People leave out the space, hyphen or country letters that the official form has, or write them where it has none. */
function spellings(postalCode: string, country: string): string[] {
  const plain = postalCode.trim().toUpperCase();
  const compact = plain.replace(/[ -]/g, "");
  const parted = [2, 3, 4, 5].flatMap((at) =>
    [" ", "-"].map((separator) => `${compact.slice(0, at)}${separator}${compact.slice(at)}`),
  );
  return [plain, compact, ...parted, `${country}${compact}`, `${country}-${compact}`];
}

function textFields(): TextField[] {
  return Object.keys(lengthsMax) as TextField[];
}
