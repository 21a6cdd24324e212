import assert from "node:assert/strict";
import { it } from "node:test";
import { randomSecret } from "#platform/kit/ids.ts";
import { isLoopbackHost } from "../../commands/guarded-secrets.ts";
import { isTrivialSecret } from "../../commands/trivial-secret.ts";

it("examples, placeholders, patterns and common passwords guard nothing", () => {
  for (const text of [
    "",
    "   ",
    "a",
    "a".repeat(36),
    "ab".repeat(20),
    "secretsecretsecretsecretsecretsecret",
    "postgres",
    "Postgres123!",
    "changeme",
    "changeme123",
    "CHANGE-ME-please-32-characters-long!",
    "change_this_to_a_random_string_0815",
    "redis123",
    "replace-me-with-something-long-0000",
    "your-secret-key-goes-here-123456789",
    "my-super-secret-service-key-for-dev",
    "example-service-key-of-the-readme-1",
    "0123456789abcdef0123456789abcdef",
    "abcdefghijklmnopqrstuvwxyz0123456789",
    "11112222333344445555666677778888",
    "qwertyuiopasdfghjklzxcvbnm1234567890",
    "Passw0rd2024!",
    "letmein99",
    "00000000-0000-0000-0000-000000000000",
    "12345678901234567890123456789012",
  ])
    assert.equal(isTrivialSecret(text), true, text);
});

it("secrets made by chance, and long phrases of one's own, are secrets", () => {
  const made = Array.from({ length: 200 }, () => randomSecret());
  for (const text of [
    ...made,
    "Zk3!vQ8#tL1p",
    "a-key-that-only-tests-know-0123456789",
    "6f1ed002ab5595859014ebf0951522d9",
    "seven quiet herons cross the lake",
  ])
    assert.equal(isTrivialSecret(text), false, text);
});

it("only addresses of this machine alone are loopback", () => {
  for (const host of ["127.0.0.1", "127.0.0.53", "::1", "[::1]", "localhost", "::ffff:127.0.0.1"])
    assert.equal(isLoopbackHost(host), true, host);
  for (const host of [
    "0.0.0.0",
    "::",
    "10.0.0.7",
    "shop.example",
    "127.example",
    "::ffff:10.0.0.1",
    "1.127.0.0.1",
  ])
    assert.equal(isLoopbackHost(host), false, host);
});
