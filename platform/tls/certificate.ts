// X.509 certificates made here, in the few bytes of DER that they need: for a listener that was given none, and for tests.
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  type KeyObject,
} from "node:crypto";
import { isIP, isIPv6 } from "node:net";

/** A certificate and its key, as PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateWish {
  /** Common name. */
  readonly name: string;
  /** DNS names and addresses that it is good for. */
  readonly hosts?: readonly string[];
  /** It may sign others. */
  readonly isAuthority?: boolean;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/**
 * A certificate (version 3, ECDSA on P-256 with SHA-256), signed by `issuer`, or by itself without one. Good for servers and clients
 * alike. It keeps nothing: who wants to use it again, writes it down.
 */
export function makeCertificate(
  wish: CertificateWish,
  issuer?: Identity & { readonly name: string },
): Identity {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const signer = issuer ? createPrivateKey(issuer.key) : privateKey;
  const keyId = keyIdOf(publicKey);
  const signerId = issuer ? keyIdOf(createPublicKey(issuer.key)) : keyId;
  const body = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ecdsaWithSha256,
    commonName(issuer?.name ?? wish.name),
    sequence(time(wish.notBefore), time(wish.notAfter)),
    commonName(wish.name),
    publicKey.export({ type: "spki", format: "der" }),
    explicit(3, extensionsOf(wish, keyId, signerId)),
  );
  const certificate = sequence(body, ecdsaWithSha256, bitString(sign("sha256", body, signer)));
  return { cert: pem("CERTIFICATE", certificate), key: pemOf(privateKey) };
}

function extensionsOf(
  { hosts = [], isAuthority = false }: CertificateWish,
  keyId: Buffer,
  signerId: Buffer,
): Buffer {
  const parts = [
    extension("551d13", isAuthority ? sequence(boolean(true)) : sequence(), isAuthority),
    // keyCertSign and cRLSign, or digitalSignature.
    extension("551d0f", tagged(0x03, Buffer.from(isAuthority ? [1, 0x06] : [7, 0x80])), true),
    extension("551d0e", tagged(0x04, keyId)),
    extension("551d23", sequence(tagged(0x80, signerId))),
  ];
  if (!isAuthority)
    parts.push(extension("551d25", sequence(objectId("2b06010505070301"), objectId("2b06010505070302"))));
  if (hosts.length > 0) parts.push(extension("551d11", sequence(...hosts.map(alternativeName))));
  return sequence(...parts);
}

function keyIdOf(key: KeyObject): Buffer {
  return createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest()
    .subarray(0, 20);
}

/** SHA-256 with ECDSA, 1.2.840.10045.4.3.2. */
const ecdsaWithSha256 = sequence(objectId("2a8648ce3d040302"));

function alternativeName(host: string): Buffer {
  if (isIP(host) === 0) return tagged(0x82, Buffer.from(host, "latin1"));
  return tagged(0x87, addressBytes(host));
}

function addressBytes(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split(".").map(Number));
  const [left = "", right] = address.split("::");
  const groups = (text: string) => (text === "" ? [] : text.split(":"));
  const [head, tail] = [groups(left), groups(right ?? "")];
  const zeros = Array<string>(right === undefined ? 0 : 8 - head.length - tail.length).fill("0");
  return Buffer.from([...head, ...zeros, ...tail].map((group) => group.padStart(4, "0")).join(""), "hex");
}

function commonName(name: string): Buffer {
  return sequence(tagged(0x31, sequence(objectId("550403"), tagged(0x0c, Buffer.from(name, "utf8")))));
}

function extension(id: string, value: Buffer, isCritical = false): Buffer {
  return sequence(objectId(id), ...(isCritical ? [boolean(true)] : []), tagged(0x04, value));
}

/** Whole seconds; from 2050 on in the long form. */
function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/\D/g, "").slice(0, 14);
  const isLong = date.getUTCFullYear() >= 2050;
  return tagged(isLong ? 0x18 : 0x17, Buffer.from(`${isLong ? digits : digits.slice(2)}Z`, "latin1"));
}

function boolean(value: boolean): Buffer {
  return tagged(0x01, Buffer.from([value ? 0xff : 0]));
}

function integer(bytes: Buffer): Buffer {
  return tagged(0x02, bytes);
}

function bitString(bytes: Buffer): Buffer {
  return tagged(0x03, Buffer.concat([Buffer.from([0]), bytes]));
}

function objectId(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, "hex"));
}

function explicit(number: number, content: Buffer): Buffer {
  return tagged(0xa0 + number, content);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function tagged(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const hex = length.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  return Buffer.concat([Buffer.from([0x80 + bytes.length]), bytes]);
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

function pemOf(key: KeyObject): string {
  return String(key.export({ type: "pkcs8", format: "pem" }));
}
