// Keys of programs that work on the shop without a person: each opens the routes of one scope, and nothing else.
import { createHash, timingSafeEqual } from "node:crypto";
import { MachineKey } from "#platform/auth/machine-key.ts";
import type { Clock } from "#platform/kit/clock.ts";
import { ConfigError, setting, type ConfigOf, type Secret, type Setting } from "#platform/kit/config.ts";

/** What a key may be for; the doors of the services behind say what that is there. */
export type MachineScope = "products" | "orders";

const keyLengthMin = 32;
/** The key in use, and the one before or after it while it is changed. */
const keysMax = 2;

export const MachineKeyConfig = {
  PRODUCT_API_KEY: keySetting(
    "Key of programs that look after goods: as Authorization: Bearer or X-API-Key it may do with products, categories, stock and pictures what an admin may, and nothing else. At least 32 random characters; two, separated by a comma, while it is changed.",
  ),
  ORDER_API_KEY: keySetting(
    "Key of programs that look after orders: as Authorization: Bearer or X-API-Key it may list and read all orders, move them along, cancel and refund them as an admin may, and nothing else. Written like PRODUCT_API_KEY.",
  ),
};

function keySetting(doc: string): Setting<Secret | undefined> {
  const declared = setting.optionalSecret({ doc });
  return {
    ...declared,
    read: (text) => {
      const said = declared.read(text);
      const keys = keysOf(said);
      if (keys.length > keysMax) throw new Error(`must be one key, or ${keysMax} separated by a comma`);
      if (keys.some((key) => !/^[\x21-\x7e]+$/.test(key) || key.length < keyLengthMin))
        throw new Error(
          `must be at least ${keyLengthMin} printable ASCII characters without spaces, for each key`,
        );
      return said;
    },
  };
}

function keysOf(said: Secret | undefined): string[] {
  return said === undefined
    ? []
    : said
        .reveal()
        .split(",")
        .map((key) => key.trim());
}

type Said = Pick<ConfigOf<typeof MachineKeyConfig>, "PRODUCT_API_KEY" | "ORDER_API_KEY">;

/** Throws a ConfigError when one key would be for two things. */
export function requireDistinctKeys({ PRODUCT_API_KEY, ORDER_API_KEY }: Said): void {
  const orders = new Set(keysOf(ORDER_API_KEY));
  if (keysOf(PRODUCT_API_KEY).some((key) => orders.has(key)))
    throw new ConfigError([
      "PRODUCT_API_KEY and ORDER_API_KEY hold the same key. A key is for one thing: make another one with openssl rand -base64 32.",
    ]);
}

/** A program that has shown its key. */
export interface Machine {
  readonly scope: MachineScope;
  /** Names the key where requests are counted, without telling it. */
  readonly keyId: string;
  /** What the services behind the gateway believe. */
  readonly token: string;
}

interface KnownKey {
  readonly scope: MachineScope;
  readonly hash: Buffer;
}

/** How long a token is handed on before a new one is signed; a service may be slow to read it. */
const freshMs = 60_000;

/** Keys are compared by their hashes, all of them each time: how long it takes tells nothing. */
export class MachineKeys {
  readonly #known: readonly KnownKey[];
  readonly #signer: MachineKey;
  readonly #clock: Clock;
  readonly #tokens = new Map<MachineScope, { readonly token: string; readonly signedMs: number }>();

  constructor(config: Said, { serviceKey, clock }: { serviceKey: string; clock: Clock }) {
    this.#clock = clock;
    this.#signer = new MachineKey(serviceKey);
    const known = (scope: MachineScope, said: Secret | undefined) =>
      keysOf(said).map((key) => ({ scope, hash: hashOf(key) }));
    this.#known = [...known("products", config.PRODUCT_API_KEY), ...known("orders", config.ORDER_API_KEY)];
  }

  /** Whose key this is; undefined when it is nobody's. */
  find(key: string): Machine | undefined {
    if (this.#known.length === 0) return undefined;
    const hash = hashOf(key);
    let found: KnownKey | undefined;
    for (const known of this.#known) if (timingSafeEqual(known.hash, hash)) found = known;
    if (!found) return undefined;
    const keyId = `machine:${found.hash.subarray(0, 8).toString("hex")}`;
    return { scope: found.scope, keyId, token: this.#tokenFor(found.scope) };
  }

  #tokenFor(scope: MachineScope): string {
    const nowMs = this.#clock.monotonicMs();
    const known = this.#tokens.get(scope);
    if (known && nowMs - known.signedMs < freshMs) return known.token;
    const token = this.#signer.sign(scope, this.#clock.now());
    this.#tokens.set(scope, { token, signedMs: nowMs });
    return token;
  }
}

function hashOf(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
