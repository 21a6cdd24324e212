import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { after, it } from "node:test";
import { connect, createServer } from "node:tls";
import { testAuthority } from "#platform/testing/certificates.ts";
import { makeCertificate } from "./certificate.ts";

const authority = testAuthority();
const notBefore = new Date("2026-01-01T00:00:00Z");

it("a certificate says what was wished, in a form that is read the same everywhere", () => {
  const hosts = ["shop.example", "127.0.0.1", "::1", "2001:db8:0:1::7"];
  const { cert, key } = makeCertificate({
    name: "Ünïcode",
    hosts,
    notBefore,
    notAfter: new Date("2060-02-03T04:05:06Z"),
  });
  const read = new X509Certificate(cert);
  assert.equal(read.subject, "CN=Ünïcode");
  assert.equal(read.issuer, "CN=Ünïcode");
  assert.deepEqual([read.validFromDate, read.validToDate], [notBefore, new Date("2060-02-03T04:05:06Z")]);
  assert.deepEqual(
    [read.ca, read.checkHost("shop.example"), read.checkHost("other.example")],
    [false, "shop.example", undefined],
  );
  for (const address of hosts.slice(1)) assert.equal(read.checkIP(address), address);
  assert.equal(read.checkIP("127.0.0.2"), undefined);
  assert.ok(read.verify(read.publicKey));
  assert.match(key, /BEGIN PRIVATE KEY/);
});

it("what an authority signed is verified against it and against no other; serial numbers differ", () => {
  const [one, two] = [authority.sign("one"), authority.sign("two")].map(
    ({ cert }) => new X509Certificate(cert),
  );
  const root = new X509Certificate(authority.cert);
  assert.ok(root.ca && one && two);
  assert.ok(one.verify(root.publicKey) && one.checkIssued(root));
  assert.ok(!one.verify(new X509Certificate(testAuthority().cert).publicKey));
  assert.notEqual(one.serialNumber, two.serialNumber);
});

async function handshake(
  identity: { cert: string; key: string },
  ca: string,
  host = "localhost",
): Promise<string> {
  const server = createServer({ ...identity, minVersion: "TLSv1.3" }, (socket) => socket.end("hello"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => server.close());
  const { port } = server.address() as { port: number };
  const socket = connect({ port, host: "127.0.0.1", servername: host, ca });
  try {
    await once(socket, "secureConnect");
    return socket.getProtocol() ?? "";
  } finally {
    socket.destroy();
    server.close();
  }
}

it("TLS 1.3 is spoken with what an authority signed, and with what was signed by itself", async () => {
  assert.equal(await handshake(authority.sign(), authority.cert), "TLSv1.3");
  const notAfter = new Date("2090-01-01T00:00:00Z");
  const own = makeCertificate({ name: "self", hosts: ["localhost"], notBefore, notAfter });
  assert.equal(await handshake(own, own.cert), "TLSv1.3");
  await assert.rejects(handshake(authority.sign(), own.cert), /certificate/);
  await assert.rejects(handshake(authority.sign(), authority.cert, "other.example"), /altnames/);
});
