import assert from "node:assert/strict";
import { test } from "node:test";
import { countries, countriesIn, findCountryCode } from "./countries.ts";

test("the list is ISO 3166-1: 249 countries, none that is no more, each once", () => {
  assert.equal(countries.length, 249);
  assert.equal(new Set(countries.map(({ code }) => code)).size, 249);
  for (const code of ["DD", "SU", "YU", "UK", "EU", "ZZ", "AN"])
    assert.ok(!countries.some((country) => country.code === code), code);
});

test("every country is found by its code and by its English name", () => {
  for (const { code, name } of countries) {
    assert.equal(findCountryCode(code), code);
    assert.equal(findCountryCode(name), code, name);
    assert.equal(findCountryCode(name.toUpperCase()), code, name);
  }
});

test("names as people write them are found", () => {
  const written: [text: string, code: string][] = [
    ["United States", "US"],
    ["USA", "US"],
    ["U.S.A.", "US"],
    ["the Netherlands", "NL"],
    ["  germany ", "DE"],
    ["Deutschland", "DE"],
    ["España", "ES"],
    ["UK", "GB"],
    ["England", "GB"],
    ["Turkey", "TR"],
    ["Türkiye", "TR"],
    ["Côte d'Ivoire", "CI"],
    ["日本", "JP"],
    ["Trinidad and Tobago", "TT"],
    ["South Korea", "KR"],
  ];
  for (const [text, code] of written) assert.equal(findCountryCode(text), code, text);
});

test("what names no country is not guessed", () => {
  for (const text of ["", " ", "Atlantis", "XX", "ZZ", "U", "United", "constructor", "x".repeat(500)])
    assert.equal(findCountryCode(text), undefined, text);
});

test("choices are named and sorted as the locale does it", () => {
  const german = countriesIn("de");
  assert.equal(german.length, countries.length);
  assert.deepEqual(german[0], { value: "AF", text: "Afghanistan" });
  assert.deepEqual(german[1], { value: "EG", text: "Ägypten" });
  assert.equal(countriesIn("de"), german, "names are looked up once");
  const english = countriesIn("en").map(({ text }) => text);
  assert.deepEqual(
    english,
    english.toSorted((a, b) => a.localeCompare(b, "en")),
  );
});
