import assert from "node:assert/strict";
import { test } from "node:test";
import validator from "validator";
import { findContinent } from "./continent.ts";

test("every country of ISO 3166 lies on a continent, and nothing else does", () => {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ".split("");
  for (const code of letters.flatMap((first) => letters.map((second) => first + second)))
    assert.equal(findContinent(code) !== undefined, validator.isISO31661Alpha2(code), code);
});
