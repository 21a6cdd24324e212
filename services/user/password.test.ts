import assert from "node:assert/strict";
import { test } from "node:test";
import { parseNewPassword, passwordFault } from "./password.ts";

const email = "ada.lovelace@example.com";

test("a password of 8 to 200 characters is accepted, whatever the characters", () => {
  for (const text of [
    "tr4in-of-owls",
    "        x",
    "\u{1F98A}\u{1F989}".repeat(4),
    "x7".repeat(100),
    "пароль-из-слов",
  ])
    assert.equal(passwordFault(text, email), undefined, text);
});

test("a password that is too short or too long is refused", () => {
  for (const text of [
    "",
    "short7!",
    "\u{1F98A}".repeat(7),
    "e\u0301".repeat(7),
    "x7".repeat(101),
    "x".repeat(1e6),
  ])
    assert.match(passwordFault(text, email) ?? "", /from 8 to 200 characters/, text.slice(0, 20));
});

test("the commonest passwords are refused in any case and with digits behind them", () => {
  const common = [
    "password",
    "Password1",
    "PASSWORD2024!",
    "12345678",
    "87654321",
    "qwertyuiop",
    "aaaaaaaa",
    "changeme123",
  ];
  for (const text of [...common, "redis123", "letmein99", "iloveyou", "admin123", "abcdefgh", "1q2w3e4r"])
    assert.match(passwordFault(text, email) ?? "", /commonest/, text);
});

test("the email address is no password", () => {
  for (const text of [email, "Ada.Lovelace"]) assert.match(passwordFault(text, email) ?? "", /email address/);
});

test("the refusal names the field and never the password", () => {
  assert.throws(
    () => parseNewPassword("hunter2222", email),
    (error: Error & { violations: unknown[] }) =>
      !JSON.stringify([error.message, error.violations]).includes("hunter2222") &&
      JSON.stringify(error.violations).includes('"password"'),
  );
});
