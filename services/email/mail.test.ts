import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isRecipient, oneLine } from "./mail.ts";

test("one plain address is a recipient", () => {
  for (const text of [
    "ada@example.com",
    "a.b+c@sub.example.co.uk",
    "someone@localhost",
    "o'neil@example.com",
  ])
    assert.ok(isRecipient(text), text);
});

test("several addresses, names, line breaks and whatever else is no single address are not", () => {
  const faults = [
    "",
    "ada",
    "@example.com",
    "a@example.com,b@example.com",
    "a@example.com b@example.com",
    "a@example.com;b@example.com",
    "Ada <ada@example.com>",
    '"a b"@example.com',
    "ada@example.com\r\nBcc: eve@example.com",
    "ada@example.com\n",
    "ada@exam\u0000ple.com",
    "ada@[127.0.0.1]",
    `${"x".repeat(250)}@example.com`,
  ];
  for (const text of faults) assert.ok(!isRecipient(text), JSON.stringify(text));
});

test("no control character ever gets into a recipient or a subject", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
      assert.doesNotMatch(oneLine(text), /[\p{Cc}\p{Zl}\p{Zp}]/u);
      assert.ok(oneLine(text).isWellFormed() && oneLine(text).length <= 150);
      if (isRecipient(`${text}@example.com`)) assert.match(text, /^[\x21-\x7e]+$/);
    }),
    { numRuns: 5_000 },
  );
});
