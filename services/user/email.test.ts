import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalEmail, parseEmail } from "./email.ts";

const sameAddress: [string, string][] = [
  ["ada@example.com", "ada@example.com"],
  ["Ada@Example.COM", "ada@example.com"],
  ["a.b+tag@sub.example.co.uk", "a.b+tag@sub.example.co.uk"],
  ["o'neil@example.ie", "o'neil@example.ie"],
  ["ada@b\u00fccher.example", "ada@xn--bcher-kva.example"],
  ["ada@bu\u0308cher.example", "ada@xn--bcher-kva.example"],
  ["ada@\uff45\uff58\uff41\uff4d\uff50\uff4c\uff45.com", "ada@example.com"],
  ["ada@boo\u212a.example", "ada@book.example"],
  ["ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"],
];

test("every spelling of one address has one canonical form", () => {
  for (const [spelling, canonical] of sameAddress)
    assert.equal(canonicalEmail(spelling), canonical, spelling);
});

test("a canonical address is its own canonical form", () => {
  for (const [, canonical] of sameAddress) assert.equal(canonicalEmail(canonical), canonical);
});

test("an address with letters of another script never equals the Latin one it looks like", () => {
  assert.equal(canonicalEmail("ada@ex\u0430mple.com"), "ada@xn--exmple-4nf.com");
});

const refused = [
  "",
  "@",
  "ada",
  "ada@",
  "@example.com",
  "ada@example",
  "ada@example.com.",
  "ada@.example.com",
  "ada@example..com",
  "ada@-example.com",
  "ada@example-.com",
  "ada@exa_mple.com",
  "ada@127.0.0.1",
  "ada@2130706433",
  "ada@[127.0.0.1]",
  "ada@[IPv6:::1]",
  "ada@example.com/path",
  "ada@example.com?x",
  "ada@example.com#x",
  "ada@example.com:25",
  "ada@exa%6dple.com",
  "ada@ex\\ample.com",
  "ada@example.com, bob@example.com",
  "ada@example.com;bob@example.com",
  "ada bob@example.com",
  " ada@example.com",
  "ada@example.com ",
  "ada@example.com\n",
  "ada@example.com\r\nBcc: bob@example.com",
  "ada\u0000@example.com",
  "ada\u00a0@example.com",
  "ad\u200ba@example.com",
  "ada@exam\u200bple.com",
  "ada@exam\u00adple.com",
  "\u202eada@example.com",
  "ada\ufeff@example.com",
  "\u212aelvin@example.com",
  "\u0131da@example.com",
  "\u0430da@example.com",
  "\uff41da@example.com",
  "ad\u00e1@example.com",
  "ada\u0301@example.com",
  '"ada"@example.com',
  '"ada bob"@example.com',
  '"ada@evil.example"@example.com',
  "(comment)ada@example.com",
  "ada(comment)@example.com",
  "ada@example.com(comment)",
  "<ada@example.com>",
  "Ada <ada@example.com>",
  ".ada@example.com",
  "ada.@example.com",
  "a..da@example.com",
  "ada@bob@example.com",
  "ada\\@example.com",
  "ada@example.123",
  "ada@xn--.com",
  `${"a".repeat(65)}@example.com`,
  `ada@${"a".repeat(64)}.com`,
  `ada@${"a.".repeat(130)}com`,
  `ada@${"ab.".repeat(84)}com`,
  "a".repeat(50_000),
];

test("nothing that could be read in two ways is an address", () => {
  for (const text of refused)
    assert.equal(canonicalEmail(text), undefined, JSON.stringify(text.slice(0, 80)));
});

test("the refusal names the field", () => {
  assert.throws(() => parseEmail("nobody", "email"), {
    reason: "VALIDATION_FAILED",
    violations: [{ path: "email", message: "must be an email address such as ada@example.com" }],
  });
});
