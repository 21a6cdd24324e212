// Which addresses a parcel can be sent to, and how they are written down: pure.
import validator from "validator";
import type { Address } from "#gen/stoa/type/v1/address_pb.js";
import type { FieldViolation } from "#platform/kit/errors.ts";
import { addressInvalid } from "./errors.ts";
import { isVisible } from "#platform/kit/visible-text.ts";
import { normalPostalCode } from "./postal-code.ts";
import { postalCodeRule } from "./postal-codes.ts";

/** The fields of an address; generated messages fit. */
export type AddressFields = Omit<Address, "$typeName" | "$unknown" | "countryName"> & {
  /** As somebody wrote it in place of a code; the address is free text then. Absent like empty. */
  readonly countryName?: string;
};

type TextField = Exclude<keyof AddressFields, "freeText">;

const lengthsMax: { readonly [F in TextField]: number } = {
  fullName: 200,
  line1: 200,
  line2: 200,
  city: 100,
  region: 100,
  postalCode: 20,
  country: 2,
  countryName: 128,
};
const freeTextLengthMax = 512;
const required: readonly TextField[] = ["line1", "city", "country"];

const lineBreaks = /[\t\r\n]/g;
const controlCharacters = /[\p{Cc}\p{Zl}\p{Zp}]/u;

/**
 * The address as it is stored, its postal code in the official spelling; normal addresses stay as they are. Throws ADDRESS_INVALID
 * that names every wrong field, with paths relative to the address.
 */
export function normalAddress(address: AddressFields): AddressFields {
  const { countryName = "" } = address;
  const isFree = address.freeText || countryName !== "";
  const violations = isFree ? findFreeTextFaults(address) : findFaults(address);
  if (violations.length > 0) throw addressInvalid(violations);
  if (!isFree) return { ...address, postalCode: requirePostalCode(address) };
  if (countryName === "") return address;
  return { ...address, freeText: true, country: isCountry(address.country) ? address.country : countryName };
}

/** Written as free text, address and all, so that a country can only be a guess. */
function findFreeTextFaults(address: AddressFields): FieldViolation[] {
  return textFields().flatMap((path) => {
    const text = (address[path] ?? "").replace(lineBreaks, " ");
    return faultsOfText(path, text, freeTextLengthMax);
  });
}

function findFaults(address: AddressFields): FieldViolation[] {
  const faults = textFields().flatMap((path) => {
    const text = address[path] ?? "";
    if (required.includes(path) && !isVisible(text)) return [{ path, message: "is required" }];
    const isGiven = path === "fullName" ? text !== "" : text.trim() !== "";
    if (isGiven && !isVisible(text)) return [{ path, message: "must have something to see in it" }];
    return faultsOfText(path, text, lengthsMax[path]);
  });
  if (faults.length > 0 || isCountry(address.country)) return faults;
  return [
    { path: "country", message: "must be the two capital letters of a country (ISO 3166-1), such as US" },
  ];
}

function isCountry(code: string): boolean {
  return validator.isISO31661Alpha2(code) && code === code.toUpperCase();
}

function faultsOfText(path: TextField, text: string, lengthMax: number): FieldViolation[] {
  if (text.length > lengthMax) return [{ path, message: `must have at most ${lengthMax} characters` }];
  if (controlCharacters.test(text) || !text.isWellFormed())
    return [{ path, message: "must not contain line breaks or other control characters" }];
  return [];
}

/** Made when a name is wanted: the first one costs a process seven megabytes. */
function countryName(code: string): string {
  return new Intl.DisplayNames(["en"], { type: "region" }).of(code) ?? code;
}

function requirePostalCode({ postalCode, country }: AddressFields): string {
  const normal = normalPostalCode(postalCode, country);
  if (normal !== undefined) return normal;
  const { example } = postalCodeRule(country);
  const name = countryName(country);
  const message =
    postalCode.trim() === ""
      ? `is required in ${name}, such as ${example}`
      : example === ""
        ? "must consist of at most 16 letters, digits, spaces and hyphens"
        : `is not a postal code of ${name}; one looks like ${example}`;
  const details = example === "" ? {} : { postalCodeExample: example };
  throw addressInvalid([{ path: "postalCode", message }], details);
}

function textFields(): TextField[] {
  return Object.keys(lengthsMax) as TextField[];
}
