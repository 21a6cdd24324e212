// How long whoever asks goes on waiting, told from one HTTP service of the shop to the next: a deadline that travels.
import type { IncomingHttpHeaders } from "node:http";

/** Carries it, in whole milliseconds. Anybody may send it: it can only make an answer come sooner. */
export const timeLeftHeader = "x-stoa-time-left-ms";

/** A tenth, and no more than this, is kept to say what came of it. */
const marginMsMax = 100;

/** Milliseconds in which an answer must be begun so that whoever asked still hears it; undefined when they do not say. */
export function timeLeftMs(headers: IncomingHttpHeaders): number | undefined {
  const told = headers[timeLeftHeader];
  if (typeof told !== "string" || !/^\d{1,7}$/.test(told)) return undefined;
  return withMargin(Number(told));
}

/** What is left of a time limit when the answer to whoever set it has to be told within it as well. */
export function withMargin(limitMs: number): number {
  return limitMs - Math.min(marginMsMax, limitMs / 10);
}
