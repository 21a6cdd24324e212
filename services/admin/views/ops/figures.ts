// How the ops room writes rates, times and sizes: short, with as many digits as say something.
import type { AdminWords } from "../../context.ts";

/** "12/s", "0.3/s"; a dash for nothing. */
export function rateText(words: AdminWords, perSecond: number): string {
  if (perSecond <= 0) return "–";
  return words.text("ops.rate", { value: words.number(rounded(perSecond)) });
}

/** "34 ms", "1.2 s"; a dash where there is none. */
export function msText(words: AdminWords, ms: number | undefined): string {
  if (ms === undefined) return "–";
  if (ms < 1_000) return words.text("ops.ms", { value: words.number(rounded(ms)) });
  return words.text("ops.seconds", { value: words.number(rounded(ms / 1_000)) });
}

/** "12 s", "3 min", "5 h", "2 d". */
export function ageText(words: AdminWords, seconds: number | undefined): string {
  if (seconds === undefined) return "–";
  if (seconds < 90) return words.text("ops.seconds", { value: words.number(Math.round(seconds)) });
  if (seconds < 5_400) return words.text("ops.minutes", { value: words.number(Math.round(seconds / 60)) });
  if (seconds < 172_800) return words.text("ops.hours", { value: words.number(Math.round(seconds / 3_600)) });
  return words.text("ops.days", { value: words.number(Math.round(seconds / 86_400)) });
}

/** "35 MiB" */
export function bytesText(words: AdminWords, bytes: number | undefined): string {
  if (bytes === undefined) return "–";
  const units = ["KiB", "MiB", "GiB", "TiB"] as const;
  let [value, unit] = [bytes / 1_024, 0];
  while (value >= 1_000 && unit < units.length - 1) [value, unit] = [value / 1_024, unit + 1];
  return `${words.number(rounded(value))}\u00a0${units[unit]}`;
}

/** "12 %" of a share from 0 to 1. */
export function shareText(words: AdminWords, share: number): string {
  return words.text("ops.share", { value: words.number(Math.round(share * 100)) });
}

function rounded(value: number): number {
  if (value >= 10) return Math.round(value);
  return value >= 1 ? Math.round(value * 10) / 10 : Math.round(value * 100) / 100;
}
