// How long whoever asks goes on waiting, told from one HTTP service of the shop to the next: a deadline that travels.
import type { IncomingHttpHeaders } from "node:http";
import { withMargin } from "#platform/rpc/patience.ts";

/** Carries it, in whole milliseconds. Anybody may send it: it can only make an answer come sooner. */
export const timeLeftHeader = "x-stoa-time-left-ms";

/** Milliseconds in which an answer must be begun so that whoever asked still hears it; undefined when they do not say. */
export function timeLeftMs(headers: IncomingHttpHeaders): number | undefined {
  const told = headers[timeLeftHeader];
  if (typeof told !== "string" || !/^\d{1,7}$/.test(told)) return undefined;
  return withMargin(Number(told));
}
