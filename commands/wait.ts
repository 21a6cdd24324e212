// The option of commands that run while a server may still be starting.
import type { Options } from "./command.ts";
import { UsageError } from "./usage-error.ts";

export const wait = {
  wait: {
    doc: "How long a server that does not answer, or a database that is not made, is waited for; else not at all.",
    value: "seconds",
  },
} as const;

/** What --wait says, in milliseconds. */
export function waitMs({ wait: said }: Options): number {
  if (said === undefined) return 0;
  if (typeof said === "string" && /^\d{1,6}$/.test(said)) return Number(said) * 1000;
  throw new UsageError(`--wait wants a number of seconds, and "${String(said)}" is none.`);
}
