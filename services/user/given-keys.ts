// Signing keys that are given from outside: read from a setting, or from a file that is read again while the service runs.
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { ConfigError, type ConfigOf } from "#platform/kit/config.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import type { UserConfig } from "./config.ts";

/** A key that signs or only verifies; its place in the list says which. */
export interface GivenKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicJwk: { readonly [name: string]: string };
}

const bytesMax = 64 * 1024;
const keysMax = 10;
const expected =
  "private Ed25519 keys, as a JSON Web Key Set or as PEM blocks (openssl genpkey -algorithm ed25519)";

/** Reads a JWK set or PEM blocks; the first key signs. Throws an Error that says what is wrong, never what stands there. */
export function parseGivenKeys(text: string): GivenKey[] {
  const read = text.trimStart().startsWith("{") ? keysOfJwks(text) : keysOfPem(text);
  if (read.length === 0 || read.length > keysMax) throw new Error(`must hold 1 to ${keysMax} ${expected}`);
  const keys = read.map(named);
  if (new Set(keys.map(({ kid }) => kid)).size < keys.length) throw new Error("holds the same key twice");
  return keys;
}

function keysOfJwks(text: string): KeyObject[] {
  let list: unknown;
  try {
    list = (JSON.parse(text) as { keys?: unknown }).keys;
  } catch {
    list = undefined;
  }
  if (!Array.isArray(list)) throw new Error(`must hold ${expected}`);
  return list.map((jwk) => ed25519(() => createPrivateKey({ key: jwk as never, format: "jwk" })));
}

function keysOfPem(text: string): KeyObject[] {
  const blocks = text.match(/-----BEGIN [A-Z ]+-----[^-]*-----END [A-Z ]+-----/g) ?? [];
  return blocks.map((pem) => ed25519(() => createPrivateKey(pem)));
}

function ed25519(read: () => KeyObject): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = read();
  } catch {
    // What the library says of it may quote it.
  }
  if (key?.asymmetricKeyType !== "ed25519") throw new Error(`must hold nothing but ${expected}`);
  return key;
}

/** By its thumbprint (RFC 7638), so that one key has one name, whatever a file calls it. */
function named(privateKey: KeyObject): GivenKey {
  const { kty = "", crv = "", x = "" } = createPublicKey(privateKey).export({ format: "jwk" });
  const kid = createHash("sha256").update(JSON.stringify({ crv, kty, x })).digest("base64url");
  return { kid, privateKey, publicJwk: { kty, crv, x, kid, alg: "EdDSA", use: "sig" } };
}

/** The keys given to this process, as they are now. */
export class GivenKeys {
  readonly #file: string;
  readonly #log: Logger;
  #text: string;
  #keys: readonly GivenKey[];
  #isTold = false;

  /** Throws a ConfigError when the file cannot be read, or holds no keys. */
  constructor(file: string, log: Logger) {
    this.#file = file;
    this.#log = log;
    try {
      this.#text = readKeyFile(file);
      this.#keys = parseGivenKeys(this.#text);
    } catch (error) {
      throw new ConfigError([`USER_SIGNING_KEYS_FILE names ${file}, which ${reasonOf(error)}.`]);
    }
  }

  /** Read again; while that fails, those that were read last. */
  current(): readonly GivenKey[] {
    try {
      const text = readKeyFile(this.#file);
      if (text !== this.#text) {
        this.#keys = parseGivenKeys(text);
        this.#text = text;
        const kids = this.#keys.map(({ kid }) => kid);
        this.#log.info(
          { kids },
          "The signing keys have changed; the first one signs as soon as all replicas know it.",
        );
      }
      this.#isTold = false;
    } catch (error) {
      if (!this.#isTold)
        this.#log.error(
          { file: this.#file, reason: reasonOf(error) },
          "The file of signing keys cannot be used as it is now; the keys that were read last go on.",
        );
      this.#isTold = true;
    }
    return this.#keys;
  }
}

function readKeyFile(file: string): string {
  const bytes = readFileSync(file);
  if (bytes.length > bytesMax) throw new Error("is too large to hold keys");
  return bytes.toString("utf8");
}

function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined && code.startsWith("E")) return `cannot be read (${code})`;
  return error instanceof Error ? error.message : String(error);
}

/** Where this process has its keys from; undefined when the database keeps them. */
export function openGivenKeys(
  { USER_SIGNING_KEYS: said, USER_SIGNING_KEYS_FILE: file }: ConfigOf<typeof UserConfig>,
  log: Logger,
): (() => readonly GivenKey[]) | undefined {
  if (file !== undefined) {
    const keys = new GivenKeys(file, log);
    return () => keys.current();
  }
  if (!said) return undefined;
  try {
    const keys = parseGivenKeys(said.reveal());
    return () => keys;
  } catch (error) {
    throw new ConfigError([`USER_SIGNING_KEYS ${reasonOf(error)}.`]);
  }
}
