import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, connect, type Socket } from "node:net";
import { after, it } from "node:test";
import { TLSSocket } from "node:tls";
import pg from "pg";
import { testAuthority, testFolder } from "#platform/testing/certificates.ts";
import { testDatabaseUrl } from "#platform/testing/databases.ts";
import type { Identity } from "#platform/tls/certificate.ts";
import { connectionFault, connectionOf, withParameters } from "./connection.ts";
import { migrate, platformMigrations, readMigrations } from "./migrate.ts";

const authority = testAuthority();
const files = testFolder();
const url = new URL(await testDatabaseUrl("connection"));

/** What stands before a PostgreSQL that speaks TLS: the same server, behind a certificate. */
async function openTls(identity: () => Identity | undefined): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    // The eight bytes of SSLRequest, answered with S or N.
    socket.once("data", () => {
      const certificate = identity();
      socket.write(certificate ? "S" : "N");
      if (!certificate) return;
      const secure = new TLSSocket(socket, { isServer: true, ...certificate });
      const inner = connect(Number(url.port), url.hostname);
      sockets.add(inner);
      for (const end of [secure, inner]) end.on("error", () => (secure.destroy(), inner.destroy()));
      secure.pipe(inner).pipe(secure);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as { port: number }).port;
}

function urlAt(port: number, parameters: Record<string, string>, host = "127.0.0.1"): string {
  const target = new URL(url);
  target.host = `${host}:${port}`;
  return withParameters(target.href, parameters);
}

async function ask(target: string): Promise<unknown> {
  const client = new pg.Client({ ...connectionOf(target), connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    return (await client.query("select 1 as one")).rows[0];
  } finally {
    await client.end().catch(() => undefined);
  }
}

it("beyond this machine TLS is verified in full unless the URL says otherwise; on it there is none", () => {
  const tlsOf = (text: string) => connectionOf(text).ssl as { rejectUnauthorized: boolean } | false;
  for (const local of ["127.0.0.1", "127.9.9.9", "localhost", "[::1]", "", "%2Fvar%2Frun%2Fpostgresql"])
    assert.equal(tlsOf(`postgres://u:p@${local}/db`), false, local);
  assert.equal(tlsOf("postgres:///db?host=/tmp"), false);
  for (const remote of ["db.example", "10.0.0.7", "postgres-service", "localhost.example", "[2001:db8::1]"]) {
    const tls = tlsOf(`postgres://u:p@${remote}:5432/db`);
    assert.equal(tls && tls.rejectUnauthorized, true, remote);
    assert.equal(tlsOf(`postgres://u:p@${remote}:5432/db?sslmode=disable`), false);
  }
  const verified = (mode: string) => {
    const tls = tlsOf(`postgres://u:p@127.0.0.1/db?sslmode=${mode}`);
    return tls && tls.rejectUnauthorized;
  };
  assert.deepEqual(["require", "verify-ca", "verify-full"].map(verified), [false, true, true]);
  for (const mode of ["prefer", "allow", "no-verify", "on", ""])
    assert.throws(() => connectionOf(`postgres://h/db?sslmode=${mode}`), /is not one of disable, require/);
});

it("a connection is made with the right authority and name, and with none that is wrong", async () => {
  const port = await openTls(() => authority.sign());
  const ca = files.write("ca.pem", authority.cert);
  const foreign = files.write("foreign.pem", testAuthority().cert);
  const full = { sslmode: "verify-full", sslrootcert: ca };
  assert.deepEqual(await ask(urlAt(port, full)), { one: 1 });
  assert.deepEqual(await ask(urlAt(port, full, "localhost")), { one: 1 });
  assert.deepEqual(await ask(urlAt(port, { sslmode: "require" })), { one: 1 });
  const fault = async (parameters: Record<string, string>) => {
    const target = urlAt(port, parameters);
    const error = await ask(target).then(
      () => assert.fail("It was let in."),
      (reason: unknown) => reason,
    );
    return connectionFault(error, target)?.message;
  };
  assert.match((await fault({ ...full, sslrootcert: foreign })) ?? "", /a certificate that is not believed/);
  assert.match((await fault({ sslmode: "verify-full" })) ?? "", /a certificate that is not believed/);
  const elsewhere = await openTls(() => authority.sign("db", ["db.example"]));
  await assert.rejects(ask(urlAt(elsewhere, full)), /does not match|altnames/);
  assert.deepEqual(await ask(urlAt(elsewhere, { ...full, sslmode: "verify-ca" })), { one: 1 });
});

it("an authority that is replaced on disk counts for the next connection", async () => {
  const next = testAuthority();
  let signer = authority;
  const port = await openTls(() => signer.sign());
  const target = urlAt(port, {
    sslmode: "verify-full",
    sslrootcert: files.write("rotating.pem", authority.cert),
  });
  const pool = new pg.Pool({ ...connectionOf(target), max: 2, idleTimeoutMillis: 1 });
  after(async () => await pool.end());
  await pool.query("select 1");
  signer = next;
  await assert.rejects(ask(target), /certificate/);
  files.write("rotating.pem", next.cert);
  assert.deepEqual(await ask(target), { one: 1 });
});

it("a server without TLS, an unknown one and a wrong password are one sentence each at the start", async () => {
  const migrations = await readMigrations("platform", platformMigrations);
  const start = async (target: string) => await migrate(target, migrations);
  const plain = await openTls(() => undefined);
  await assert.rejects(start(urlAt(plain, { sslmode: "require" })), {
    name: "StartError",
    message: /does not speak TLS\. Turn it on there, or add \?sslmode=disable/,
  });
  await assert.rejects(start("postgres://u:p@127.0.0.1:1/db"), {
    name: "StartError",
    message: /cannot be reached \(ECONNREFUSED\)/,
  });
  const wrong = new URL(url);
  wrong.password = "wrong";
  await assert.rejects(start(wrong.href), {
    name: "StartError",
    message: /refuses the user name or the password/,
  });
  await assert.rejects(
    start(
      urlAt(await openTls(() => authority.sign()), { sslmode: "verify-full", sslrootcert: "/nowhere.pem" }),
    ),
    /nowhere\.pem/,
  );
});

it("options of the URL hold beside those of the program, which win", async () => {
  const target = withParameters(url.href, { options: "-c search_path=elsewhere -c statement_timeout=1" });
  const { options, connectionString } = connectionOf(target, "-c statement_timeout=9000");
  assert.equal(new URL(connectionString ?? "").search, "");
  const client = new pg.Client({ connectionString, options });
  await client.connect();
  const setting = async (name: string) => (await client.query(`show ${name}`)).rows[0][name] as string;
  assert.deepEqual([await setting("search_path"), await setting("statement_timeout")], ["elsewhere", "9s"]);
  await client.end();
});
