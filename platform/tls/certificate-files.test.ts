import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { symlinkSync, renameSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { it } from "node:test";
import { systemClock } from "#platform/kit/clock.ts";
import { ConfigError, readConfig, type Environment } from "#platform/kit/config.ts";
import { createLogger } from "#platform/telemetry/log.ts";
import { registry } from "#platform/telemetry/metrics.ts";
import { testAuthority, testFolder } from "#platform/testing/certificates.ts";
import { TestClock } from "#platform/testing/test-clock.ts";
import { CertificateFiles, rereadMs } from "./certificate-files.ts";
import { TlsConfig } from "./tls-config.ts";
import { requireUsableGrpcTls, requireUsableHttpTls } from "./tls-settings.ts";

const authority = testAuthority();
const dayMs = 86_400_000;

function faultsOf(environment: Environment): readonly string[] {
  const settings = readConfig(TlsConfig, environment);
  return [requireUsableGrpcTls, requireUsableHttpTls].flatMap((require) => {
    try {
      require(settings, systemClock);
      return [];
    } catch (error) {
      assert.ok(error instanceof ConfigError, String(error));
      return error.faults;
    }
  });
}

it("every wrong combination is one sentence that names the setting", () => {
  const cases: [Environment, RegExp[]][] = [
    [{}, []],
    [{ GRPC_TLS: "off", GRPC_TLS_CERT: "/a" }, []],
    [{ GRPC_TLS_CA: "/a" }, [/^GRPC_TLS_CA is set, but GRPC_TLS is not\./]],
    [{ GRPC_TLS: "on" }, [/^GRPC_TLS is on, but GRPC_TLS_CERT is not set/, /but GRPC_TLS_KEY is not set/]],
    [
      { GRPC_TLS: "mutual", GRPC_TLS_CERT: "/a", GRPC_TLS_KEY: "/b" },
      [/^GRPC_TLS is mutual, but GRPC_TLS_CA/],
    ],
    [{ HTTP_TLS_KEY: "/a" }, [/^HTTP_TLS_KEY is set, but HTTP_TLS is not\./]],
    [{ HTTP_TLS: "on", HTTP_TLS_CERT: "/a" }, [/^HTTP_TLS is on, but HTTP_TLS_KEY is not set/]],
    [{ HTTP_TLS: "self-made", HTTP_TLS_CERT: "/a" }, [/^HTTP_TLS is self-made, but HTTP_TLS_CERT/]],
    [{ HTTP_TLS: "self-made" }, []],
  ];
  for (const [environment, patterns] of cases) {
    const faults = faultsOf(environment);
    assert.equal(faults.length, patterns.length, faults.join("\n"));
    for (const [at, pattern] of patterns.entries()) assert.match(faults[at] ?? "", pattern);
  }
});

it("files that cannot be used are refused, each in one sentence with its setting and its path", () => {
  const { write, path } = testFolder();
  const [one, two] = [authority.sign("one"), authority.sign("two")];
  const nowMs = systemClock.now().getTime();
  const cert = write("cert.pem", one.cert);
  const key = write("key.pem", one.key);
  const ca = write("ca.pem", authority.cert);
  const ended = authority.sign("ended", undefined, { notAfter: new Date(nowMs - 1_000) });
  const early = authority.sign("early", undefined, { notBefore: new Date(nowMs + 600_000) });
  const pem = { type: "pkcs8", format: "pem", cipher: "aes-256-cbc" } as const;
  const secret = write("secret.pem", String(createPrivateKey(one.key).export({ ...pem, passphrase: "x" })));
  const faults = (changes: Environment) =>
    faultsOf({ GRPC_TLS: "mutual", GRPC_TLS_CERT: cert, GRPC_TLS_KEY: key, GRPC_TLS_CA: ca, ...changes });
  assert.deepEqual(faults({}), []);
  assert.deepEqual(faults({ GRPC_TLS_CERT: write("chain.pem", one.cert + authority.cert) }), []);
  const cases: [Environment, RegExp][] = [
    [
      { GRPC_TLS_CERT: path("none") },
      /^GRPC_TLS_CERT names the file .*none, which cannot be read \(ENOENT\)/,
    ],
    [{ GRPC_TLS_KEY: dirname(key) }, /^GRPC_TLS_KEY names the file .*cannot be read \(EISDIR\)/],
    [{ GRPC_TLS_CERT: key }, /^GRPC_TLS_CERT names the file .*key\.pem, which holds no whole certificate/],
    [{ GRPC_TLS_CA: write("half.pem", authority.cert.slice(0, 200)) }, /^GRPC_TLS_CA .*no whole certificate/],
    [
      { GRPC_TLS_CA: write("both.pem", authority.cert + authority.cert.slice(0, 200)) },
      /^GRPC_TLS_CA .*no whole certificate/,
    ],
    [{ GRPC_TLS_KEY: cert }, /^GRPC_TLS_KEY .*holds no private key in PEM/],
    [{ GRPC_TLS_KEY: secret }, /^GRPC_TLS_KEY .*without a passphrase/],
    [
      { GRPC_TLS_KEY: write("other.pem", two.key) },
      /^The key in GRPC_TLS_KEY .* does not belong to the certificate in GRPC_TLS_CERT/,
    ],
    [
      { GRPC_TLS_CERT: write("ended.pem", ended.cert), GRPC_TLS_KEY: write("ended.key", ended.key) },
      /^The certificate in GRPC_TLS_CERT .* has ended on 20/,
    ],
    [
      { GRPC_TLS_CERT: write("early.pem", early.cert), GRPC_TLS_KEY: write("early.key", early.key) },
      /^The certificate in GRPC_TLS_CERT .* begins only on 20/,
    ],
  ];
  for (const [changes, pattern] of cases) {
    const found = faults(changes);
    assert.equal(found.length, 1, `${JSON.stringify(changes)}\n${found.join("\n")}`);
    assert.match(found[0] ?? "", pattern);
  }
});

function openFiles(folder: string, clock: TestClock) {
  const told: string[] = [];
  const log = createLogger({ level: "info", format: "json" }, (line) => told.push(line));
  const named = (setting: string, file: string) => ({ setting, path: join(folder, file) });
  const files = { cert: named("CERT", "cert.pem"), key: named("KEY", "key.pem") };
  return { told, files: new CertificateFiles({ files, purpose: "test", clock, log }) };
}

it("a folder that is swapped as a link is seen, and what ends soon is warned of once a day", async () => {
  const clock = new TestClock(systemClock.now());
  const nowMs = clock.now().getTime();
  const { path } = testFolder();
  const put = (name: string, daysLeft: number) => {
    const made = testFolder();
    const notAfter = new Date(nowMs + daysLeft * dayMs);
    const { cert, key } = authority.sign(name, undefined, { notAfter });
    made.write("cert.pem", cert);
    made.write("key.pem", key);
    symlinkSync(dirname(made.path("x")), path("next"));
    renameSync(path("next"), path("data"));
    return cert;
  };
  put("first", 10);
  const { told, files } = openFiles(path("data"), clock);
  const warnings = () => told.filter((line) => line.includes("The certificate of test ends soon"));
  clock.advance(3 * rereadMs);
  assert.equal(warnings().length, 1);
  clock.advance(dayMs);
  assert.equal(warnings().length, 2);
  const seen: (string | undefined)[] = [];
  files.follow(({ cert }) => seen.push(cert));
  const second = put("second", 2);
  clock.advance(rereadMs);
  assert.deepEqual(seen.slice(1), [second]);
  assert.match(told.at(-2) ?? "", /have changed and are in force/);
  assert.match(told.at(-1) ?? "", /ends soon \(20/);
  const endsAt = Math.floor((nowMs + 2 * dayMs) / 1_000);
  assert.match(
    await registry.metrics(),
    new RegExp(`stoa_tls_certificate_expiry_seconds{purpose="test"} ${endsAt}\\b`),
  );
  clock.advance(2 * dayMs);
  assert.match(told.at(-1) ?? "", /has ended, and whoever connects refuses it \(20/);
  assert.equal(files.current.cert, second, "what has ended stays until there is something better");
  files.close();
});

it("files that are gone or unusable for a while change nothing, are told of once, and count again when they are whole", () => {
  const clock = new TestClock(systemClock.now());
  const { path, write } = testFolder();
  mkdirSync(path("data"));
  const [one, two] = [authority.sign("one"), authority.sign("two")];
  write("data/cert.pem", one.cert);
  write("data/key.pem", one.key);
  const { told, files } = openFiles(path("data"), clock);
  told.length = 0;
  renameSync(path("data"), path("away"));
  clock.advance(5 * rereadMs);
  assert.equal(files.current.cert, one.cert);
  assert.equal(told.length, 1);
  assert.match(told[0] ?? "", /are not taken; those before stay in force\. CERT .*ENOENT.*KEY .*ENOENT/);
  renameSync(path("away"), path("data"));
  write("data/cert.pem", two.cert);
  write("data/key.pem", two.key);
  clock.advance(rereadMs);
  assert.equal(files.current.cert, two.cert);
  files.close();
});
