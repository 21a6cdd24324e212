// Where the processes of the shop are: names that stand for any number of addresses, looked up again and again.
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { Clock } from "#platform/kit/clock.ts";

/** Somewhere one process or more can be asked: the operations port behind a name or an address. */
export interface Place {
  /** The service, or role, that runs there. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

const shape = /^([a-z][a-z0-9-]*)=(\[[\da-f:]+\]|[\w.-]+):(\d{1,5})$/i;

/** Reads `user=user-processes:8080 cart=10.0.0.7:8080`. Throws an Error that says which part is wrong. */
export function parsePlaces(text: string): Place[] {
  return text
    .split(/[\s,]+/)
    .filter((part) => part !== "")
    .map((part) => {
      const [, name = "", host = "", port = ""] = shape.exec(part) ?? [];
      if (name === "" || Number(port) > 65_535)
        throw new Error(`must be name=host:port, with spaces between several, and "${part}" is not`);
      return { name, host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
    });
}

/** So long an answer of the resolver is taken as it is. */
const freshMs = 2_000;
/** A name that is not found in time has the addresses that it had. */
const lookupMaxMs = 500;

/** host:port of everything behind a place, at most a second or two old. Never rejects. */
export class Addresses {
  readonly #clock: Clock;
  readonly #known = new Map<string, { readonly atMs: number; readonly hosts: readonly string[] }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async of({ host, port }: Place): Promise<readonly string[]> {
    const withPort = (address: string) =>
      address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
    if (isIP(host) !== 0) return [withPort(host)];
    return (await this.#hostsOf(host)).map(withPort);
  }

  async #hostsOf(name: string): Promise<readonly string[]> {
    const known = this.#known.get(name);
    const atMs = this.#clock.monotonicMs();
    if (known && atMs - known.atMs < freshMs) return known.hosts;
    const late = Promise.withResolvers<undefined>();
    const timer = this.#clock.after(lookupMaxMs, () => late.resolve(undefined));
    // A name without addresses is an answer, and a resolver that is away is none.
    const asked = lookup(name, { all: true }).then(
      (found) => [...new Set(found.map(({ address }) => address))],
      (error: unknown) => ((error as { code?: unknown }).code === "ENOTFOUND" ? [] : undefined),
    );
    const found = await Promise.race([asked, late.promise]);
    timer.stop();
    const hosts = found ?? known?.hosts ?? [];
    this.#known.set(name, { atMs, hosts });
    return hosts;
  }
}
