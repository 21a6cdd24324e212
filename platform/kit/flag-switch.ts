// What was switched while the shop runs, as every process hears it.
import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { Switch } from "#gen/stoa/platform/v1/flags_pb.js";
import { invalid } from "./errors.ts";

/** What a flag may be. Objects are JSON. */
export type FlagValue =
  boolean | number | string | readonly unknown[] | { readonly [member: string]: unknown };

/** A value that somebody gave a flag while the shop runs; it goes before files and settings until it is taken back. */
export interface FlagSwitch {
  readonly name: string;
  readonly value: FlagValue;
  /** Part of the users who get the value; 1 is all. */
  readonly share: number;
  readonly reason: string;
  /** Id of the admin. */
  readonly by: string;
  readonly at: Date;
}

/** What kind of value it is, in the words of OpenFeature. */
export function typeOfFlag(value: FlagValue): "boolean" | "number" | "string" | "object" {
  return typeof value as "boolean" | "number" | "string" | "object";
}

const valueBytesMax = 32 * 1024;

/** Reads the JSON of a value. Throws `invalid` for what is none, is null, or is larger than 32 KiB. */
export function parseFlagValue(json: string): FlagValue {
  const refuse = (message: string) => invalid([{ path: "value", message }]);
  if (json.length > valueBytesMax) throw refuse(`must be at most ${valueBytesMax} bytes of JSON`);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw refuse("must be JSON");
  }
  if (value === null || value === undefined)
    throw refuse("must be a value; take the switch back to have none");
  return value as FlagValue;
}

/** The switches of an answer. What this release cannot read is passed over. */
export function switchesOf(switches: readonly Switch[]): FlagSwitch[] {
  return switches.flatMap(({ name, valueJson, share, reason, switchedBy: by, switchedAt }) => {
    try {
      const at = switchedAt ? timestampDate(switchedAt) : new Date(0);
      return [{ name, value: parseFlagValue(valueJson), share, reason, by, at }];
    } catch {
      return [];
    }
  });
}
