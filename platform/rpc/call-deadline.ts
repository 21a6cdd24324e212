// How long a caller from outside may let us work: what its grpc-timeout header says, within reason.
import { subscribe } from "node:diagnostics_channel";

/** No call is worth more: who asks for longer gets this. */
const secondsMax = 600;

const unitSeconds: Readonly<Record<string, number>> = { H: 3600, M: 60, S: 1, m: 1e-3, u: 1e-6, n: 1e-9 };

/** The header as it should have been said: never longer than ten minutes, over when it is negative, absent when it means nothing. */
export function clampedTimeout(header: string): string | undefined {
  const [, sign, digits = "", unit = ""] = /^\s*(-?)(\d{1,40})\s*([HMSmun])\s*$/.exec(header) ?? [];
  if (digits === "") return undefined;
  if (sign === "-") return "0n";
  const seconds = Number(digits) * (unitSeconds[unit] ?? 0);
  if (seconds >= secondsMax) return `${secondsMax}S`;
  return digits.length <= 8 ? `${digits}${unit}` : `${Math.floor(seconds * 1000)}m`;
}

let isClamping = false;

/**
 * Clamps the header of every gRPC call that this process is asked, before the library reads it: that counts milliseconds in 32 bits, and
 * a month becomes a moment in the past.
 */
export function clampDeadlines(): void {
  if (isClamping) return;
  isClamping = true;
  subscribe("http2.server.stream.created", (message) => {
    const { headers } = message as { headers: Record<string, string | string[] | undefined> };
    const header = headers["grpc-timeout"];
    if (header === undefined) return;
    const clamped = clampedTimeout(String(header));
    if (clamped === undefined) delete headers["grpc-timeout"];
    else headers["grpc-timeout"] = clamped;
  });
}
