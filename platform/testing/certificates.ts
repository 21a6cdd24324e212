// Certificates for tests: an authority, what it signs, and files to put them into.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { systemClock } from "#platform/kit/clock.ts";
import { makeCertificate, type Identity } from "#platform/tls/certificate.ts";

const hourMs = 3_600_000;

/** An authority of this test, and what it signs: for localhost and 127.0.0.1 unless other hosts are said, for an hour unless other times. */
export function testAuthority(name = "A test's authority") {
  const nowMs = systemClock.now().getTime();
  const times = { notBefore: new Date(nowMs - hourMs), notAfter: new Date(nowMs + hourMs) };
  const authority = { ...makeCertificate({ name, isAuthority: true, ...times }), name };
  return {
    cert: authority.cert,
    sign: (
      leaf = "leaf",
      hosts: readonly string[] = ["localhost", "127.0.0.1"],
      other: { readonly notBefore?: Date; readonly notAfter?: Date } = {},
    ): Identity => makeCertificate({ name: leaf, hosts, ...times, ...other }, authority),
  };
}

/** A folder that is gone when the test file ends, and the way to write files into it. */
export function testFolder() {
  const folder = mkdtempSync(join(tmpdir(), "stoa-files-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return {
    path: (name: string) => join(folder, name),
    write: (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    },
  };
}
