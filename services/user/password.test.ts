import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { randomCode } from "#platform/kit/ids.ts";
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

test("the commonest passwords are refused, in any case and behind the disguises that people give them", () => {
  const common = [
    "password PASSWORD Password1 PASSWORD2024! 12345678 87654321 qwertyuiop aaaaaaaa abcdefgh 1q2w3e4r redis123 changeme123",
    "rockyou1 Passw0rd! family123 butterfly chocolate P@ssw0rd2024! pa$$w0rd P4$$W0RD l3tm31n99 1loveyou ch0c0l@t3 ch0c0l@t3123!",
    "123iloveyou !!dragon!! passwordpassword abcabcabc pass-word p.a.s.s.w.o.r.d ｐａｓｓｗｏｒｄ a12345678 12345678ab iloveyou<3",
    "monkey2023! Summer2024 Welcome1! admin@123 letmein99 Qwerty123! football99 trustno1 minecraft1 1qaz@WSX password1234567890123",
  ];
  for (const text of common.join(" ").split(" "))
    assert.match(passwordFault(text, email) ?? "", /commonest/, text);
});

test("words of one's own are no common password, and neither is a long secret behind a short word", () => {
  for (const text of [
    "correct horse battery staple",
    "a long walk by the sea",
    "purple monkey dishwasher",
    "vast7Tulip_onward",
    "Kx9#mvQ2pL",
    "blue-4711-0815-42",
  ])
    assert.equal(passwordFault(text, email), undefined, text);
});

test("hardly any password made by chance is taken for a common one", () => {
  const alphabet = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789!$%-";
  const refused = Array.from({ length: 500 }, () => randomCode(12, alphabet)).filter(
    (text) => passwordFault(text, email) !== undefined,
  );
  assert.ok(refused.length < 3, refused.join(" "));
});

test("the list is no short one, says where it comes from, and holds nothing twice", () => {
  const lines = readFileSync(new URL("./first-guesses.txt", import.meta.url), "utf8")
    .trimEnd()
    .split("\n");
  const words = lines.filter((line) => !line.startsWith("# "));
  assert.ok(words.length >= 3_000, `${words.length}`);
  assert.equal(new Set(words).size, words.length);
  assert.match(lines.slice(0, 4).join(" "), /MIT License/);
});

test("the email address and the shop's name are no password, also in disguise", () => {
  for (const text of [email, "Ada.Lovelace", "adalovelace99", "4da_L0velace!"])
    assert.match(passwordFault(text, email) ?? "", /email address/, text);
  for (const text of ["Owl House", "owlhouse2024!", "0wl-H0use1"])
    assert.match(passwordFault(text, email, "Owl House") ?? "", /name of the shop/, text);
});

test("the refusal names the field and never the password", () => {
  assert.throws(
    () => parseNewPassword("hunter2222", email),
    (error: Error & { violations: unknown[] }) =>
      !JSON.stringify([error.message, error.violations]).includes("hunter2222") &&
      JSON.stringify(error.violations).includes('"password"'),
  );
});
