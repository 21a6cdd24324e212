// Feature flags: evaluated through OpenFeature, from what was switched, a mounted file that is read again, or the settings.
import { hash } from "node:crypto";
import { readFile } from "node:fs/promises";
import {
  OpenFeature,
  type Client,
  type EvaluationContext,
  type JsonValue,
  type Provider,
  type ResolutionDetails,
} from "@openfeature/server-sdk";
import type { Clock } from "./clock.ts";
import { typeOfFlag, type FlagSwitch, type FlagValue } from "./flag-switch.ts";
import type { Logger } from "#platform/telemetry/log.ts";

/** Whom a flag is asked about. Without a user, a switch for a part of the users does not count. */
export interface FlagSubject {
  readonly userId?: string | undefined;
}

/** Where a value comes from, the strongest first. */
export type FlagSource = "switch" | "file" | "settings";

/** What a flag says of somebody, and why. */
export interface FlagEvaluation {
  readonly name: string;
  readonly value: FlagValue;
  /** In the words of OpenFeature: STATIC, SPLIT or DEFAULT. */
  readonly reason: string;
  readonly variant: string;
  readonly source: FlagSource;
}

/** A flag as it stands in this process. */
export interface FlagState {
  readonly name: string;
  /** What it is for everybody about whom nothing more is known. */
  readonly value: FlagValue;
  readonly source: FlagSource;
  /** What it is when the switch is taken back. */
  readonly unswitched: { readonly value: FlagValue; readonly source: Exclude<FlagSource, "switch"> };
  readonly switched: FlagSwitch | undefined;
}

/** The flags of the shop, as this process has last heard of them. */
export interface Flags {
  /** The flag's value now, for a flag that is on or off; false for one that nobody has declared. */
  isOn(name: string, subject?: FlagSubject): Promise<boolean>;
  /** The flag's value now, of the type that its default has; undefined for a flag that nobody has declared. */
  value(name: string, subject?: FlagSubject): Promise<FlagValue | undefined>;
  /** The same with the reason. */
  evaluate(name: string, subject?: FlagSubject): Promise<FlagEvaluation | undefined>;
  /** All flags there are. */
  list(): Promise<readonly FlagState[]>;
  /** What was switched, faults included; empty until this process has heard of it. */
  switches(): readonly FlagSwitch[];
  /** Takes in all that is switched now. What was switched before and is not among it, is no longer. */
  hear(switches: readonly FlagSwitch[]): void;
}

export interface FlagsOptions {
  /** Values from the settings; their types are those of the flags. */
  readonly defaults: { readonly [name: string]: FlagValue };
  readonly file: string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  /** Told of all switches as often as they are heard. */
  readonly onHeard?: (switches: readonly FlagSwitch[]) => void;
}

/** A change of the file is seen within this time. */
const rereadMs = 5_000;

/** Installs our provider with OpenFeature under `domain` and returns the reading side. */
export async function openFlags(domain: string, options: FlagsOptions): Promise<Flags> {
  const provider = new ShopProvider(options);
  await OpenFeature.setProviderAndWait(domain, provider);
  const client = OpenFeature.getClient(domain);
  const evaluate = async (name: string, { userId }: FlagSubject = {}) => {
    const fallback = Object.hasOwn(options.defaults, name) ? options.defaults[name] : undefined;
    if (fallback === undefined) return undefined;
    const context = userId === undefined ? {} : { targetingKey: userId };
    const {
      value,
      reason = "",
      variant = "",
      flagMetadata,
    } = await detailsOf(client, name, fallback, context);
    const source = (flagMetadata["source"] ?? "settings") as FlagSource;
    return { name, value, reason, variant, source };
  };
  const value = async (name: string, subject?: FlagSubject) => (await evaluate(name, subject))?.value;
  return {
    isOn: async (name, subject) => (await value(name, subject)) === true,
    value,
    evaluate,
    list: async () => await Promise.all(Object.keys(options.defaults).map((name) => provider.stateOf(name))),
    switches: () => provider.switches,
    hear: (switches) => {
      provider.switches = switches;
      options.onHeard?.(switches);
    },
  };
}

/** Flags that are what `valueOf` says, for whatever runs without a shop around it. */
export function fixedFlags(valueOf: (name: string) => FlagValue | undefined): Flags {
  let heard: readonly FlagSwitch[] = [];
  const evaluate = (name: string): Promise<FlagEvaluation | undefined> => {
    const value = valueOf(name);
    const found = value === undefined ? undefined : { ...evaluated(value, "settings"), name };
    return Promise.resolve(found);
  };
  return {
    isOn: (name) => Promise.resolve(valueOf(name) === true),
    value: (name) => Promise.resolve(valueOf(name)),
    evaluate,
    list: () => Promise.resolve([]),
    switches: () => heard,
    hear: (switches) => (heard = switches),
  };
}

function evaluated(value: FlagValue, source: FlagSource) {
  const reason = source === "settings" ? "DEFAULT" : "STATIC";
  return { value, reason, variant: variantOf(value), source };
}

function variantOf(value: FlagValue): string {
  if (typeof value === "boolean") return value ? "on" : "off";
  return typeof value === "object" ? "object" : String(value).slice(0, 100);
}

async function detailsOf(client: Client, name: string, fallback: FlagValue, context: EvaluationContext) {
  switch (typeof fallback) {
    case "boolean":
      return await client.getBooleanDetails(name, fallback, context);
    case "number":
      return await client.getNumberDetails(name, fallback, context);
    case "string":
      return await client.getStringDetails(name, fallback, context);
    default: {
      const details = await client.getObjectDetails(name, fallback as JsonValue, context);
      return { ...details, value: details.value as FlagValue };
    }
  }
}

class ShopProvider implements Provider {
  readonly metadata = { name: "stoa" };
  readonly runsOn = "server";
  readonly #options: FlagsOptions;
  switches: readonly FlagSwitch[] = [];
  #values = new Map<string, string>();
  #readMs = Number.NEGATIVE_INFINITY;
  #text: string | undefined;
  #reading: Promise<void> | undefined;
  #isTold = false;

  constructor(options: FlagsOptions) {
    this.#options = options;
  }

  async resolveBooleanEvaluation(name: string, fallback: boolean, context: EvaluationContext) {
    return await this.#resolve(name, fallback, context);
  }

  async resolveStringEvaluation(name: string, fallback: string, context: EvaluationContext) {
    return await this.#resolve(name, fallback, context);
  }

  async resolveNumberEvaluation(name: string, fallback: number, context: EvaluationContext) {
    return await this.#resolve(name, fallback, context);
  }

  async resolveObjectEvaluation<T extends JsonValue>(name: string, fallback: T, context: EvaluationContext) {
    return (await this.#resolve(name, fallback as FlagValue, context)) as ResolutionDetails<T>;
  }

  /** A declared flag as it stands. */
  async stateOf(name: string): Promise<FlagState> {
    const unswitched = await this.#unswitched(name, this.#options.defaults[name] ?? false);
    const switched = this.#switchOf(name, unswitched.value);
    const { value, source } = switched?.share === 1 ? { ...switched, source: "switch" as const } : unswitched;
    return { name, value, source, unswitched, switched };
  }

  async #resolve<T extends FlagValue>(
    name: string,
    fallback: T,
    { targetingKey }: EvaluationContext,
  ): Promise<ResolutionDetails<T>> {
    const switched = this.#switchOf(name, fallback);
    if (switched && isAmong(switched, targetingKey)) {
      const details = evaluated(switched.value, "switch");
      return detailed({ ...details, reason: switched.share < 1 ? "SPLIT" : details.reason });
    }
    const { value, source } = await this.#unswitched(name, fallback);
    return detailed(evaluated(value, source));
  }

  /** Of another type than the flag is, a switch of another release: it does not count. */
  #switchOf(name: string, fallback: FlagValue): FlagSwitch | undefined {
    return this.switches.find((one) => one.name === name && typeOfFlag(one.value) === typeOfFlag(fallback));
  }

  async #unswitched(name: string, fallback: FlagValue): Promise<FlagState["unswitched"]> {
    await this.#refresh();
    const text = this.#values.get(name);
    const value = text === undefined ? undefined : valueOf(text, fallback);
    return value === undefined ? { value: fallback, source: "settings" } : { value, source: "file" };
  }

  async #refresh(): Promise<void> {
    const { file, clock } = this.#options;
    if (file === undefined) return;
    if (clock.monotonicMs() - this.#readMs >= rereadMs) {
      this.#readMs = clock.monotonicMs();
      this.#reading = this.#read(file);
    }
    await this.#reading;
  }

  async #read(file: string): Promise<void> {
    const { log } = this.#options;
    try {
      // By what it holds: a file that took another's place, as mounted ConfigMaps do, may be of the same second.
      const text = await readFile(file, "utf8");
      this.#isTold = false;
      if (text === this.#text) return;
      this.#values = parseLines(text);
      this.#text = text;
    } catch (error) {
      if (!this.#isTold)
        log.warn({ err: error, file }, "The flags file cannot be read; the last known values stay in force.");
      this.#isTold = true;
    }
  }
}

function detailed<T>({ value, reason, variant, source }: Omit<FlagEvaluation, "name">): ResolutionDetails<T> {
  return { value: value as T, reason, variant, flagMetadata: { source } };
}

/** By a hash of flag and user, so that who is in at one percent is in at two, and no flag chooses the same people as another. */
function isAmong({ name, share }: FlagSwitch, targetingKey: string | undefined): boolean {
  if (share >= 1) return true;
  if (targetingKey === undefined || targetingKey === "") return false;
  const digits = hash("sha256", `${name}\n${targetingKey}`, "hex").slice(0, 12);
  return parseInt(digits, 16) / 16 ** 12 < share;
}

/** Reads `NAME=value` and `NAME: value` lines, also below or behind FEATURES, with or without quotes; everything else is passed over. */
export function parseFlags(text: string): Map<string, boolean> {
  const values = new Map<string, boolean>();
  for (const [name, written] of parseLines(text)) {
    const value = valueOf(written, false);
    if (typeof value === "boolean") values.set(name, value);
  }
  return values;
}

function parseLines(text: string): Map<string, string> {
  const values = new Map<string, string>();
  const line = /^\s*["']?(?:FEATURES\.)?([A-Z][A-Z_]*)["']?\s*[=:][ \t]*(\S.*?)\s*$/gim;
  for (const [, name, written] of text.matchAll(line)) if (name && written) values.set(name, written);
  return values;
}

/** What is written behind a name, as a value of the type that the flag has; undefined for what is no such value. */
function valueOf(written: string, fallback: FlagValue): FlagValue | undefined {
  const plain = /^(?:"([^"]*)"|'([^']*)'|([^"'#\s,][^#,]*?)),?\s*(?:#.*)?$/.exec(written);
  const text = plain?.slice(1).find((part) => part !== undefined);
  switch (typeof fallback) {
    case "boolean": {
      if (text === undefined || !/^(true|false|on|off|1|0)$/i.test(text)) return undefined;
      return /^(true|on|1)$/i.test(text);
    }
    case "number": {
      const value = Number(text ?? Number.NaN);
      return Number.isFinite(value) ? value : undefined;
    }
    case "string":
      return text;
    default:
      return objectOf(/^'(.*)'$/.exec(written)?.[1] ?? written);
  }
}

function objectOf(json: string): FlagValue | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? (value as FlagValue) : undefined;
  } catch {
    return undefined;
  }
}
