import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { AppError, isReason } from "#platform/kit/errors.ts";
import { normalAddress, type AddressFields } from "./address.ts";

const good: AddressFields = {
  fullName: "Ada Lovelace",
  line1: "1600 Amphitheatre Parkway",
  line2: "",
  city: "Mountain View",
  region: "CA",
  postalCode: "94043",
  country: "US",
  freeText: false,
};

function faults(change: Partial<AddressFields>): string[] {
  try {
    normalAddress({ ...good, ...change });
    return [];
  } catch (error) {
    assert.ok(isReason(error, "ADDRESS_INVALID") && error.kind === "invalid");
    return error.violations.map(({ path }) => path);
  }
}

test("a name or a line in which nothing can be seen is refused", () => {
  for (const fullName of ["\u200b", " ", "\u3000"]) assert.deepEqual(faults({ fullName }), ["fullName"]);
  assert.deepEqual(faults({ line1: "\u3164", city: "\u00ad\u2060" }), ["line1", "city"]);
  assert.deepEqual(faults({ fullName: "", line2: " " }), []);
});

test("addresses as people of many countries write them are accepted", () => {
  const places: [string, string][] = [
    ["US", "94043-1351"],
    ["GB", "SW1A 1AA"],
    ["GB", "sw1a1aa"],
    ["CA", "K1A0B1"],
    ["DE", "01067"],
    ["NL", "1012AB"],
    ["IE", "D02X285"],
    ["JP", "1000001"],
    ["PL", "00001"],
    ["LT", "01100"],
    ["BR", "01310 100"],
    ["HK", ""],
    ["AE", ""],
    ["CL", "8320000"],
    [" SE".trim(), " 111 22 "],
  ];
  for (const [country, postalCode] of places)
    assert.deepEqual(faults({ country, postalCode }), [], `${country} ${postalCode}`);
  assert.deepEqual(faults({ fullName: "", line2: "Apt 4", region: "", city: "São Paulo" }), []);
});

test("a postal code that the country does not have is refused by its path", () => {
  for (const postalCode of ["9404", "940433", "ABCDE", "", "94043\n", "94043 OR 1=1"])
    assert.deepEqual(faults({ postalCode }), ["postalCode"], JSON.stringify(postalCode));
  assert.deepEqual(faults({ country: "CL", postalCode: "<script>" }), ["postalCode"]);
});

test("the postal code is stored in its official spelling, and a normal address stays as it is", () => {
  const normal = normalAddress({ ...good, country: "GB", postalCode: "sw1a1aa" });
  assert.deepEqual(normal, { ...good, country: "GB", postalCode: "SW1A 1AA" });
  assert.deepEqual(normalAddress(normal), normal);
});

test("a wrong code is refused with one that is right, a missing one too", () => {
  const messageOf = (country: string, postalCode: string) => {
    try {
      normalAddress({ ...good, country, postalCode });
    } catch (error) {
      return (error as AppError).violations[0]?.message;
    }
    return assert.fail(`${country} ${postalCode} passed`);
  };
  assert.equal(messageOf("DE", "1011"), "is not a postal code of Germany; one looks like 10115");
  assert.equal(messageOf("NL", " "), "is required in Netherlands, such as 1012 AB");
  assert.match(messageOf("AE", "?") ?? "", /at most 16 letters/);
});

test("a country that was written as a name makes free text of the address, under the code it was taken for", () => {
  const written = { ...good, postalCode: "no such code", countryName: "United States" };
  assert.deepEqual(normalAddress(written), { ...written, freeText: true });
  const unknown = normalAddress({ ...written, country: "ZZ", countryName: "Atlantis" });
  assert.deepEqual([unknown.country, unknown.freeText], ["Atlantis", true]);
  assert.deepEqual(normalAddress(unknown), unknown);
  assert.deepEqual(faults({ countryName: "Atlantis", line1: "a\u0000b" }), ["line1"]);
});

test("a country is two capital letters of ISO 3166", () => {
  for (const country of ["us", "XX", "EU", "U", "", "__"])
    assert.deepEqual(faults({ country }), ["country"], country);
  assert.deepEqual(faults({ country: "United States" }), ["country"]);
});

test("every missing, overlong or unprintable field is named at once", () => {
  assert.deepEqual(faults({ line1: " ", city: "" }), ["line1", "city"]);
  assert.deepEqual(faults({ fullName: "x".repeat(201), region: "x".repeat(101) }), ["fullName", "region"]);
  assert.deepEqual(faults({ line1: "1\r\nBcc: x", city: "a\u0000b", line2: "\u2028" }), [
    "line1",
    "line2",
    "city",
  ]);
});

test("free text passes whatever the country or postal code, but not what cannot be stored", () => {
  const free = {
    freeText: true,
    country: "Estados Unidos",
    postalCode: "4043",
    line1: "1600 Amp\nthe second line",
  };
  assert.deepEqual(faults(free), []);
  assert.deepEqual(faults({ freeText: true, line1: "", city: "", country: "", postalCode: "-1" }), []);
  assert.deepEqual(faults({ ...free, line1: "x".repeat(513) }), ["line1"]);
  assert.deepEqual(faults({ ...free, city: "a\u0000b" }), ["city"]);
});

test("no text whatever makes the check fail in another way than by refusing", () => {
  const text = fc.string({ unit: "binary", maxLength: 40 });
  fc.assert(
    fc.property(
      text,
      text,
      fc.constantFrom("US", "GB", "IE", "CN", "AE"),
      fc.boolean(),
      (line1, postalCode, country, freeText) => {
        try {
          normalAddress({ ...good, line1, postalCode, country, freeText });
        } catch (error) {
          assert.ok(error instanceof AppError && error.violations.length > 0);
        }
      },
    ),
    { numRuns: 2_000 },
  );
});
