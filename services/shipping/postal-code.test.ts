import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import validator from "validator";
import { findContinent } from "./continent.ts";
import { normalPostalCode } from "./postal-code.ts";
import { postalCodeRule } from "./postal-codes.ts";

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ".split("");
const countries = letters
  .flatMap((first) => letters.map((second) => first + second))
  .filter((code) => validator.isISO31661Alpha2(code));

test("codes are taken as people write them, and stored as their country spells them", () => {
  const written: [country: string, ways: string[], stored: string][] = [
    ["CH", ["8001", "CH-8001", "CH 8001", "ch8001", " 8001 "], "8001"],
    [
      "DE",
      ["10115", "D-10115", "DE-10115", "D 10115", "d10115", "１０１１５", "PLZ 10115", "10115 DE"],
      "10115",
    ],
    ["AT", ["1010", "A-1010", "AT-1010", "a 1010"], "1010"],
    ["LU", ["1009", "L-1009", "LU-1009", "L1009"], "1009"],
    ["LV", ["LV-1010", "1010", "lv1010", "LV 1010", "LV–1010"], "LV-1010"],
    ["LT", ["LT-01100", "01100", "lt01100"], "LT-01100"],
    ["MD", ["MD-2001", "2001", "md 2001"], "MD-2001"],
    ["SE", ["111 22", "11122", "SE-111 22", "S-11122", " 111 22 "], "111 22"],
    ["FI", ["00100", "FI-00100", "FIN-00100"], "00100"],
    [
      "JP",
      [
        "100-0001",
        "1000001",
        "〒100-0001",
        "〒１００－０００１",
        "１００－０００１",
        "１０００００１",
        "100 0001",
        "100ー0001",
        "100‐0001",
        "〒 100−0001",
      ],
      "100-0001",
    ],
    ["GB", ["SW1A 1AA", "sw1a1aa", "SW1A1AA", "SW1A-1AA", "sw1a  1aa", "UK SW1A 1AA"], "SW1A 1AA"],
    ["GB", ["M1 1AE", "m11ae"], "M1 1AE"],
    ["GB", ["BFPO 801", "bfpo801"], "BFPO 801"],
    ["CA", ["K1A 0B1", "k1a0b1", "K1A-0B1"], "K1A 0B1"],
    ["NL", ["1012 AB", "1012ab", "1012AB", "NL-1012 AB", "1012ab NL"], "1012 AB"],
    ["PL", ["00-950", "00950", "00 950", "PL-00950"], "00-950"],
    ["BR", ["12345-678", "12345678", "12345 678", "12.345-678", "CEP 12345-678"], "12345-678"],
    ["PT", ["4000-007", "4000 007", "4000007", "P-4000-007"], "4000-007"],
    ["US", ["94043", "94043 ", "USA 94043"], "94043"],
    ["US", ["94043-1351", "940431351", "94043 1351", "94043–1351"], "94043-1351"],
    ["FR", ["75001", "F-75001", "75 001", "FR-75001"], "75001"],
    ["BE", ["1000", "B-1000"], "1000"],
    ["IT", ["00118", "I-00118", "CAP 00118"], "00118"],
    ["ES", ["28001", "E-28001"], "28001"],
    ["MX", ["06000", "C.P. 06000"], "06000"],
    ["IN", ["110001", "110 001", "PIN 110001", "११०००१"], "110001"],
    ["GR", ["104 31", "10431", "EL-10431", "GR 104 31"], "104 31"],
    ["CZ", ["110 00", "11000", "CZ-110 00"], "110 00"],
    ["IE", ["D02 X285", "d02x285", "D02-X285"], "D02 X285"],
    ["IE", ["D6W XY00", "d6wxy00"], "D6W XY00"],
    ["SA", ["11564", "١١٥٦٤"], "11564"],
    ["IR", ["11936-12345", "1193612345", "۱۱۹۳۶۱۲۳۴۵"], "11936-12345"],
    ["IL", ["9614303", "961 4303"], "9614303"],
    ["KR", ["03051", "０３０５１"], "03051"],
    ["AD", ["AD500", "500", "ad-500"], "AD500"],
    ["AR", ["C1425ABC", "c1425abc"], "C1425ABC"],
    ["MT", ["VLT 1117", "vlt1117"], "VLT 1117"],
    ["GI", ["GX11 1AA", "gx111aa"], "GX11 1AA"],
    ["KY", ["KY1-1100", "ky11100"], "KY1-1100"],
    ["TW", ["100", "10048", "100-48"], ""],
    ["AE", ["", "  ", "00000"], ""],
    ["HK", ["", "0000", "999077"], ""],
    ["AO", ["b.p. 12"], "B.P. 12"],
  ];
  for (const [country, ways, stored] of written)
    for (const way of ways) {
      const normal = normalPostalCode(way, country);
      if (stored !== "") assert.equal(normal, stored, `${country} ${way}`);
      else assert.notEqual(normal, undefined, `${country} ${way}`);
    }
});

test("where people do without a code, none is wanted; where nothing arrives without, it is", () => {
  for (const country of ["IE", "SA", "IL", "HK", "AE", "PA", "QA", "CL", "CO", "KW", "JM", "BS", "AO", "GH"])
    assert.equal(normalPostalCode("", country), "", country);
  for (const country of ["US", "GB", "DE", "JP", "FR", "BR", "IN", "NL", "CA", "AU"])
    for (const nothing of ["", " ", "-", "0", "00000"])
      assert.equal(normalPostalCode(nothing, country), undefined, `${country} "${nothing}"`);
});

test("what cannot be a code of the country is refused", () => {
  const wrong: [country: string, codes: string[]][] = [
    ["US", ["9404", "940433", "ABCDE", "94043 OR 1=1", "SW1A 1AA", "D-94043X"]],
    ["GB", ["SW1A", "12345", "SW1A 1A", "SW1A 1AAA", "1SW 1AA"]],
    ["DE", ["1011", "101155", "A-1011", "CH-10115", "<10115>"]],
    ["CH", ["800", "80011", "0800", "D-8001"]],
    ["CA", ["K1A 0B", "D1A 0B1", "11A 0B1"]],
    ["NL", ["0012 AB", "1012", "1012 A1"]],
    ["JP", ["100-000", "100-00011", "〒"]],
    ["BR", ["1234567", "123456789"]],
    ["PT", ["4000", "4000-07"]],
    ["IE", ["D02", "12345", "D02 X28"]],
    ["SA", ["1156", "ABCDE"]],
    ["IN", ["010001", "11000"]],
    ["CL", ["<script>"]],
    ["AE", ["<script>", "x".repeat(17), "a;b"]],
  ];
  for (const [country, codes] of wrong)
    for (const code of codes) assert.equal(normalPostalCode(code, country), undefined, `${country} ${code}`);
});

test("every country has a rule whose example passes as it stands", () => {
  assert.ok(countries.length >= 249 && countries.every((country) => findContinent(country)));
  for (const country of countries) {
    const { need, forms, example } = postalCodeRule(country);
    assert.equal(forms.length > 0, need !== "none", country);
    assert.equal(normalPostalCode(example, country), example, country);
    // However it is dressed up.
    for (const way of [
      example.toLowerCase(),
      ` ${example} `,
      example.replace(/[ -]/g, ""),
      `${country}-${example}`,
    ])
      if (example !== "") assert.equal(normalPostalCode(way, country), example, `${country} ${way}`);
  }
});

test("whatever is written, writing down what came of it changes nothing more", () => {
  const likely = fc.stringMatching(/^[A-Za-z0-9 .〒١१-]{0,14}$/);
  const anything = fc.oneof(likely, fc.string({ unit: "binary", maxLength: 20 }));
  fc.assert(
    fc.property(anything, fc.constantFrom(...countries), (text, country) => {
      const normal = normalPostalCode(text, country);
      if (normal === undefined) return;
      assert.equal(normalPostalCode(normal, country), normal);
      assert.ok(normal.length <= 16 && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(normal));
    }),
    { numRuns: 20_000 },
  );
});

test("codes that fit are found however they are spaced, cased and dressed", () => {
  const withForms = countries.filter((country) =>
    postalCodeRule(country).forms.some((form) => form !== "BRITISH"),
  );
  const country = fc.constantFrom(...withForms);
  const dress = fc.record({
    wide: fc.boolean(),
    lower: fc.boolean(),
    separator: fc.constantFrom("", " ", "-", "–", "．", "  "),
    prefix: fc.boolean(),
  });
  fc.assert(
    fc.property(country, dress, (of, { wide, lower, separator, prefix }) => {
      const { example } = postalCodeRule(of);
      let way = example.replace(/[ -]/g, separator);
      if (prefix) way = `${of} ${way}`;
      if (lower) way = way.toLowerCase();
      if (wide)
        way = way.replace(/[!-~]/g, (sign) => String.fromCodePoint((sign.codePointAt(0) ?? 0) + 0xfee0));
      assert.equal(normalPostalCode(way, of), example, way);
    }),
    { numRuns: 3_000 },
  );
});
