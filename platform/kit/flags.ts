// Feature flags: evaluated through OpenFeature, from the settings or a mounted file that is read again without a restart.
import { readFile } from "node:fs/promises";
import {
  OpenFeature,
  type EvaluationDetails,
  type Provider,
  type ResolutionDetails,
} from "@openfeature/server-sdk";
import type { Clock } from "./clock.ts";
import type { Logger } from "#platform/telemetry/log.ts";

export interface Flags {
  /** The flag's value now; the default of the settings when the file does not name it. */
  isOn(name: string): Promise<boolean>;
}

export interface FlagsOptions {
  /** Values from the settings. */
  readonly defaults: { readonly [name: string]: boolean };
  readonly file: string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A change of the file is seen within this time. */
const rereadMs = 5_000;

/** Installs our provider with OpenFeature under `domain` and returns the reading side. */
export async function openFlags(domain: string, options: FlagsOptions): Promise<Flags> {
  const provider = new FileProvider(options);
  await OpenFeature.setProviderAndWait(domain, provider);
  const client = OpenFeature.getClient(domain);
  return {
    isOn: async (name) => {
      const details: EvaluationDetails<boolean> = await client.getBooleanDetails(
        name,
        options.defaults[name] ?? false,
      );
      return details.value;
    },
  };
}

class FileProvider implements Provider {
  readonly metadata = { name: "stoa-file" };
  readonly runsOn = "server";
  readonly #options: FlagsOptions;
  #values = new Map<string, boolean>();
  #readMs = Number.NEGATIVE_INFINITY;
  #text: string | undefined;
  #isTold = false;

  constructor(options: FlagsOptions) {
    this.#options = options;
  }

  async resolveBooleanEvaluation(name: string, fallback: boolean): Promise<ResolutionDetails<boolean>> {
    await this.#refresh();
    const value = this.#values.get(name);
    return value === undefined ? { value: fallback, reason: "DEFAULT" } : { value, reason: "STATIC" };
  }

  // The shop has boolean flags only; OpenFeature asks for the other three all the same.
  resolveStringEvaluation(_name: string, fallback: string): Promise<ResolutionDetails<string>> {
    return Promise.resolve({ value: fallback, reason: "DEFAULT" });
  }

  resolveNumberEvaluation(_name: string, fallback: number): Promise<ResolutionDetails<number>> {
    return Promise.resolve({ value: fallback, reason: "DEFAULT" });
  }

  resolveObjectEvaluation<T>(_name: string, fallback: T): Promise<ResolutionDetails<T>> {
    return Promise.resolve({ value: fallback, reason: "DEFAULT" });
  }

  async #refresh(): Promise<void> {
    const { file, clock, log } = this.#options;
    if (file === undefined || clock.monotonicMs() - this.#readMs < rereadMs) return;
    this.#readMs = clock.monotonicMs();
    try {
      // By what it holds: a file that took another's place, as mounted ConfigMaps do, may be of the same second.
      const text = await readFile(file, "utf8");
      this.#isTold = false;
      if (text === this.#text) return;
      this.#values = parseFlags(text);
      this.#text = text;
    } catch (error) {
      if (!this.#isTold)
        log.warn({ err: error, file }, "The flags file cannot be read; the last known values stay in force.");
      this.#isTold = true;
    }
  }
}

/** Reads `NAME=value` and `NAME: value` lines, also below or behind FEATURES, with or without quotes; everything else is passed over. */
export function parseFlags(text: string): Map<string, boolean> {
  const values = new Map<string, boolean>();
  for (const line of text.split("\n")) {
    const match =
      /^\s*["']?(?:FEATURES\.)?([A-Z][A-Z_]*)["']?\s*[=:]\s*["']?(true|false|on|off|1|0)["']?,?\s*(?:#.*)?$/i.exec(
        line,
      );
    if (match?.[1] && match[2]) values.set(match[1], /^(true|on|1)$/i.test(match[2]));
  }
  return values;
}
