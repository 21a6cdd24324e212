// Where a Redis is: one server, a master that Sentinels name, or a cluster. One URL says all of it.
import type { Setting } from "#platform/kit/config.ts";

/** What a URL says. */
export interface RedisPlace {
  readonly mode: "single" | "sentinel" | "cluster";
  readonly isEncrypted: boolean;
  /** The server; or Sentinels, or nodes of the cluster, to ask first. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  /** What Sentinels call the master; empty elsewhere. */
  readonly masterName: string;
  /** Account of the access list of Redis; undefined for its default account. */
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  /** Account and password of the Sentinels, where they have some of their own. */
  readonly sentinelUsername: string | undefined;
  readonly sentinelPassword: string | undefined;
}

/** The type that the reference shows, and by which the guard of secrets knows these settings. */
export const redisUrlType = "redis url";

const forms =
  "redis://[user:password@]host[:port][/number], redis+sentinel://[user:password@]host[:port],…/master[/number] or redis+cluster://[user:password@]host[:port],…, each also with rediss for TLS";
const parameters = ["sentinel_username", "sentinel_password"];

/** A URL of a Redis that is checked; it prints without its passwords, wherever it is printed. */
export class RedisUrl {
  readonly place: RedisPlace;
  readonly #printable: string;

  /** Throws an Error whose message completes "NAME …" and holds nothing of the URL. */
  constructor(text: string) {
    this.place = parsePlace(text);
    this.#printable = text.replace(/:\/\/[^/?]*@/, "://***@").replace(/(sentinel_password=)[^&]*/g, "$1***");
  }

  /** The same, or undefined for what is none. */
  static parse(text: string): RedisUrl | undefined {
    try {
      return new RedisUrl(text);
    } catch {
      return undefined;
    }
  }

  toString(): string {
    return this.#printable;
  }

  toJSON(): string {
    return this.#printable;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.#printable;
  }
}

/** A setting that names a Redis, or nothing. */
export function redisUrlSetting({ doc }: { readonly doc: string }): Setting<RedisUrl | undefined> {
  return {
    doc,
    type: redisUrlType,
    defaultText: "",
    aliases: [],
    read: (text) => (text === undefined || text === "" ? undefined : new RedisUrl(text)),
  };
}

function parsePlace(text: string): RedisPlace {
  const match =
    /^(rediss?)(?:\+(sentinel|cluster))?:\/\/(?:([^/?#]*)@)?([^@/?#]+)(\/[^?#]*)?(?:\?([^#]*))?$/.exec(text);
  if (!match) throw new Error(`must be ${forms}`);
  const [, scheme, mode = "single", account = "", hosts = "", path = "", query = ""] = match;
  const nodes = hosts.split(",").map((host) => parseNode(host, mode === "sentinel" ? 26_379 : 6_379));
  if (mode === "single" && nodes.length > 1)
    throw new Error("names several servers; say redis+sentinel:// or redis+cluster:// for them");
  const parts = path.split("/").filter((part) => part !== "");
  const masterName = mode === "sentinel" ? (parts.shift() ?? "") : "";
  if (mode === "sentinel" && masterName === "")
    throw new Error("must name the master behind the hosts of its Sentinels, such as /mymaster");
  const [username, password] = splitAccount(account);
  const said = new URLSearchParams(query);
  const unknown = [...said.keys()].find((name) => mode !== "sentinel" || !parameters.includes(name));
  if (unknown !== undefined) throw new Error(`has a parameter that means nothing here: ${unknown}`);
  return {
    mode: mode as RedisPlace["mode"],
    isEncrypted: scheme === "rediss",
    nodes,
    masterName: decoded(masterName),
    username,
    password,
    database: parseDatabase(parts, mode),
    sentinelUsername: said.get("sentinel_username") || undefined,
    sentinelPassword: said.get("sentinel_password") || undefined,
  };
}

function parseNode(text: string, portDefault: number) {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i.exec(text);
  const port = match?.[2] === undefined ? portDefault : Number(match[2]);
  if (!match?.[1] || port < 1 || port > 65_535) throw new Error(`must be ${forms}`);
  return { host: match[1].replace(/^\[|\]$/g, ""), port };
}

/** `:secret@` is a password of the default account, `name:secret@` that of another one. */
function splitAccount(account: string): [string | undefined, string | undefined] {
  if (account === "") return [undefined, undefined];
  const colon = account.indexOf(":");
  const username = decoded(colon < 0 ? account : account.slice(0, colon));
  const password = colon < 0 ? undefined : decoded(account.slice(colon + 1));
  return [username || undefined, password || undefined];
}

function parseDatabase(parts: readonly string[], mode: string): number {
  const [number = "0", ...rest] = parts;
  if (rest.length > 0 || !/^\d{1,4}$/.test(number)) throw new Error(`must be ${forms}`);
  if (mode === "cluster" && number !== "0") throw new Error("may name no number: a cluster has only one");
  return Number(number);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error("has a % that begins no code; write it as %25");
  }
}
