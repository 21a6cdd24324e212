import assert from "node:assert/strict";
import { test } from "node:test";
import validator from "validator";
import { guessCountry, placeIn, samplePostalCodes } from "./place.ts";

test("the languages of the browser tell where a shopper is, the most wanted first, with or without a region", () => {
  const guesses: [header: string | undefined, shop: string, country: string][] = [
    ["de-AT,de;q=0.8,en-US;q=0.5", "US", "AT"],
    ["de", "US", "DE"],
    ["de", "AT", "AT"],
    ["ar-SA", "US", "SA"],
    ["en-GB", "US", "GB"],
    ["fr", "US", "FR"],
    ["pt-BR,pt;q=0.9", "US", "BR"],
    ["ja;q=0.4, fr-CA;q=0.9", "US", "CA"],
    ["eo,fr-FR;q=0.3", "US", "FR"],
    ["es-419,es;q=0.9", "US", "ES"],
    ["zh-Hant", "US", "TW"],
    ["sr-Latn", "US", "RS"],
    ["en-UK", "US", "GB"],
    ["en", "US", "US"],
    ["en", "GB", "GB"],
    ["*", "KW", "KW"],
    ["de;q=0", "US", "US"],
    ["x-klingon, ;;, en_GB, \u0000", "US", "US"],
    [undefined, "DE", "DE"],
  ];
  for (const [header, shop, country] of guesses)
    assert.equal(guessCountry(header, shop), country, header ?? "none");
});

test("the sample of each country is a postal code there, and countries that do without have none", () => {
  for (const country of validator.isPostalCodeLocales) {
    const { postalCode } = placeIn(country);
    const spellings = [postalCode, postalCode.replace(/[ -]/g, "")];
    assert.ok(
      spellings.some((spelling) => validator.isPostalCode(spelling, country)),
      `${country}: ${postalCode}`,
    );
  }
  assert.equal(placeIn("HK").postalCode, "");
  for (const country of Object.keys(samplePostalCodes)) assert.equal(placeIn(country).country, country);
});
