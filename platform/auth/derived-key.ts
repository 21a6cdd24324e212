// Ed25519 keys that every process of a shop derives from the key that its services share.
import { createHash, createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from "node:crypto";

/** What RFC 8410 writes before the 32 bytes of an Ed25519 private key. */
const pkcs8Head = Buffer.from("302e020100300506032b657004220420", "hex");

/** A key pair, and what its public half is called outside. */
export interface DerivedKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly kid: string;
  readonly publicJwk: { readonly [name: string]: string };
}

/** The same pair (HKDF, RFC 5869) in every process and at every start, until the service key changes. `purpose` parts one kind from another. */
export function deriveKey(serviceKey: string, purpose: { name: string; info: string }): DerivedKey {
  const seed = Buffer.from(hkdfSync("sha256", serviceKey, "stoa", purpose.info, 32));
  const privateKey = createPrivateKey({
    key: Buffer.concat([pkcs8Head, seed]),
    format: "der",
    type: "pkcs8",
  });
  const publicKey = createPublicKey(privateKey);
  const { kty = "", crv = "", x = "" } = publicKey.export({ format: "jwk" });
  // RFC 7638: the thumbprint names the key, whoever computes it.
  const thumbprint = createHash("sha256").update(JSON.stringify({ crv, kty, x })).digest("base64url");
  const kid = `${purpose.name}-${thumbprint}`;
  return { privateKey, publicKey, kid, publicJwk: { kty, crv, x, kid, alg: "EdDSA", use: "sig" } };
}
