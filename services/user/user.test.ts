import assert from "node:assert/strict";
import { test } from "node:test";
import { parseName, userMessage } from "./user.ts";

test("a name keeps its letters and loses its outer spaces", () => {
  for (const [text, name] of [
    ["Ada", "Ada"],
    ["  Ada  ", "Ada"],
    ["", ""],
    ["Zoe\u0308", "Zo\u00eb"],
    ["\u5c0f\u660e", "\u5c0f\u660e"],
    ["<script>alert(1)</script>", "<script>alert(1)</script>"],
    ["x".repeat(100), "x".repeat(100)],
  ] as const)
    assert.equal(parseName(text, "firstName"), name);
});

test("a name in which nothing can be seen is refused", () => {
  for (const text of [" ", "\u3000", "\u200b", "\u2060\u00ad", "\u3164", " \ufeff\u200d "])
    assert.throws(() => parseName(text, "firstName"), { reason: "VALIDATION_FAILED" }, JSON.stringify(text));
});

test("a name of more than a line or of more than 100 characters is refused", () => {
  for (const text of [
    "Ada\r\nBcc: x",
    "Ada\0",
    "Ada\u202eevil",
    "A\u2028B",
    "\ud800",
    "x".repeat(101),
    "x".repeat(1e6),
  ])
    assert.throws(
      () => parseName(text, "lastName"),
      { reason: "VALIDATION_FAILED" },
      JSON.stringify(text.slice(0, 20)),
    );
});

test("what others see of an account holds nothing of its password", () => {
  const at = new Date("2030-01-01T00:00:00Z");
  const shown = userMessage({
    id: "01942b4c-0000-7000-8000-000000000000",
    email: "ada@example.com",
    passwordHash: "$2b$12$canary",
    firstName: "Ada",
    lastName: "Lovelace",
    role: "customer",
    disabledAt: null,
    tokensNotBefore: null,
    createdAt: at,
    updatedAt: at,
  });
  assert.deepEqual(Object.keys(shown).sort(), [
    "createdAt",
    "email",
    "firstName",
    "id",
    "lastName",
    "role",
    "updatedAt",
  ]);
});
