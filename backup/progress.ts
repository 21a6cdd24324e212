// How far long work is: a bar where somebody watches, a line now and then where a program reads.
import { systemClock } from "#platform/kit/clock.ts";

export interface Progress {
  /** Tells how much of `total` is done; a total of undefined is not known yet. */
  at(step: string, done: number, total: number | undefined): void;
  /** The bar makes room for other lines. */
  clear(): void;
}

const barWidth = 24;
const barEveryMs = 100;
const lineEveryMs = 5_000;

/** Writes to the terminal when there is one, else gives lines to `note`. */
export function progressOf(
  note: (line: string) => void,
  terminal: Pick<NodeJS.WriteStream, "isTTY" | "write"> = process.stderr,
): Progress {
  let saidMs = systemClock.monotonicMs();
  let isShown = false;
  const isDue = (everyMs: number) => {
    const nowMs = systemClock.monotonicMs();
    if (nowMs - saidMs < everyMs) return false;
    saidMs = nowMs;
    return true;
  };
  return {
    at: (step, done, total) => {
      if (!isDue(terminal.isTTY ? barEveryMs : lineEveryMs)) return;
      if (!terminal.isTTY) return note(`  ${step}${shareOf(done, total)}`);
      isShown = true;
      terminal.write(`\r\u001b[2K${barOf(done, total)} ${step}${shareOf(done, total)}`);
    },
    clear: () => {
      if (isShown) terminal.write("\r\u001b[2K");
      isShown = false;
    },
  };
}

function barOf(done: number, total: number | undefined): string {
  const share = total === undefined || total === 0 ? 0 : Math.min(1, done / total);
  const full = Math.round(share * barWidth);
  return `[${"#".repeat(full)}${"-".repeat(barWidth - full)}]`;
}

function shareOf(done: number, total: number | undefined): string {
  if (total === undefined || total === 0) return done === 0 ? "" : `: ${sizeOf(done)}`;
  return `: ${Math.min(100, Math.floor((done / total) * 100))} %`;
}

/** A number of bytes for people. */
export function sizeOf(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? ""}`;
}
