// Whether a new version may go on: its answers beside those of the old one at the same time. Pure: it sees figures and says a sentence.
import { nothing, p95Of, slowerThan, type Figures } from "./figures.ts";

export interface Limits {
  /** Answers of the new version without which nothing is said for it. */
  readonly requestsMin: number;
  /** Share of errors that is too much, whatever the old version does. */
  readonly errorShareMax: number;
  /** How many times the old version's p95 is too slow. */
  readonly slowdownMax: number;
}

export interface Verdict {
  /** `bad` takes the new version back at once; `undecided` is no reason to go on, and none to go back. */
  readonly kind: "good" | "bad" | "undecided";
  readonly sentence: string;
}

export const usualLimits: Limits = { requestsMin: 50, errorShareMax: 0.05, slowdownMax: 3 };

/** An old version with fewer answers says nothing about how fast it is. */
const oldRequestsMin = 20;
/** Below this nobody waits: three times as long as almost nothing is no fault. */
const slowSecondsMin = 0.015;
/** Errors that happen in any case, so that a version without a single one is no measure that nobody can reach. */
const errorShareUsual = 0.01;
/** So rarely may chance alone look like a fault. */
const chanceMax = 0.001;
const errorsMin = 3;

/** Judges what both versions answered in the same seconds. Without figures of the old one only the share of errors is judged. */
export function judge(fresh: Figures, old: Figures, limits: Limits = usualLimits): Verdict {
  const said = inWords(fresh, old);
  const reason = tooManyErrors(fresh, old, limits) ?? tooSlow(fresh, old, limits);
  if (reason !== undefined) return { kind: "bad", sentence: `${reason} ${said}` };
  if (fresh.requests < limits.requestsMin)
    return {
      kind: "undecided",
      sentence: `Only ${fresh.requests} requests came to the new version; ${limits.requestsMin} are needed to say anything. ${said}`,
    };
  if (shareOf(fresh) > limits.errorShareMax)
    return {
      kind: "undecided",
      sentence: `Both versions fail alike: something else is wrong, and nothing is promoted meanwhile. ${said}`,
    };
  return { kind: "good", sentence: `The new version answers as well as the old one. ${said}` };
}

function tooManyErrors(fresh: Figures, old: Figures, limits: Limits): string | undefined {
  const usual = Math.max(shareOf(old), errorShareUsual);
  const { errors, requests } = fresh;
  if (errors < errorsMin || shareOf(fresh) <= limits.errorShareMax) return undefined;
  return chanceOf(errors, requests, usual) < chanceMax
    ? "The new version fails more often than the old one."
    : undefined;
}

function tooSlow(fresh: Figures, old: Figures, limits: Limits): string | undefined {
  const usual = p95Of(old);
  const is = p95Of(fresh);
  if (usual === undefined || is === undefined || old.requests < oldRequestsMin) return undefined;
  const bound = Math.max(usual * limits.slowdownMax, slowSecondsMin);
  if (is <= bound) return undefined;
  const slow = Math.round(slowerThan(fresh, bound));
  return chanceOf(slow, fresh.requests, 0.05) < chanceMax
    ? `The new version is slower than ${limits.slowdownMax} times the old one.`
    : undefined;
}

/** How likely it is that of `count` answers so many, or more, are of a kind that comes with probability `share`. */
export function chanceOf(found: number, count: number, share: number): number {
  // The terms below `found`, each from the one before it: exact enough up to the counts of a rollout.
  let term = Math.log1p(-share) * count;
  let below = 0;
  for (let hits = 0; hits < found; hits += 1) {
    below += Math.exp(term);
    term += Math.log((count - hits) / (hits + 1)) + Math.log(share / (1 - share));
  }
  return Math.max(0, 1 - below);
}

function inWords(fresh: Figures, old: Figures): string {
  return `New: ${describe(fresh)}. Old: ${describe(old)}.`;
}

/** `120 requests, 0.8 % errors, p95 12 ms`. */
export function describe(figures: Figures): string {
  if (figures.requests === 0) return "no requests";
  const p95 = p95Of(figures);
  const share = (shareOf(figures) * 100).toFixed(1);
  const speed = p95 === undefined ? "" : `, p95 ${Math.round(p95 * 1000)} ms`;
  return `${figures.requests} requests, ${share} % errors${speed}`;
}

function shareOf({ requests, errors }: Figures = nothing): number {
  return requests === 0 ? 0 : errors / requests;
}
