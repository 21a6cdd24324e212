import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { chmodSync, readFileSync, readdirSync, statSync } from "node:fs";
import { it } from "node:test";
import { testFolder } from "#platform/testing/certificates.ts";
import { TestClock } from "#platform/testing/test-clock.ts";
import { makeOwnCertificate } from "./self-made.ts";

const dayMs = 86_400_000;

it("it is made once, kept private, and made again for other hosts or in its last month", () => {
  const clock = new TestClock();
  const { path, write } = testFolder();
  const folder = path("data/tls");
  const make = (...hosts: string[]) => {
    const file = makeOwnCertificate({ folder, hosts, clock });
    return { file, text: readFileSync(file, "utf8") };
  };
  const first = make("shop.example");
  assert.equal(statSync(first.file).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(folder), ["self-made.pem"]);
  const certificate = new X509Certificate(first.text);
  assert.ok(certificate.checkPrivateKey(createPrivateKey(first.text)));
  for (const name of ["localhost", "shop.example"]) assert.equal(certificate.checkHost(name), name);
  for (const address of ["127.0.0.1", "::1"]) assert.ok(certificate.checkIP(address));
  assert.equal(make("shop.example").text, first.text);
  assert.equal(make().text, first.text);
  const other = make("192.0.2.7").text;
  assert.notEqual(other, first.text);
  assert.ok(new X509Certificate(other).checkIP("192.0.2.7"));
  clock.advance(360 * dayMs);
  assert.equal(make().text, other);
  clock.advance(10 * dayMs);
  const renewed = make().text;
  assert.notEqual(renewed, other);
  write("data/tls/self-made.pem", "half");
  assert.notEqual(make().text, renewed);
});

it("a folder that cannot be written is one sentence", () => {
  const { write } = testFolder();
  const file = write("file", "");
  chmodSync(file, 0o400);
  assert.throws(() => makeOwnCertificate({ folder: file, hosts: [], clock: new TestClock() }), {
    name: "StartError",
    message: /^HTTP_TLS is self-made, but the certificate cannot be written to .*(EEXIST|ENOTDIR)/,
  });
});
