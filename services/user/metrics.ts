import { counter } from "#platform/telemetry/metrics.ts";

export const signups = counter("stoa_signups_total", "Accounts that people opened; guests are not counted.");

export const logins = counter(
  "stoa_logins_total",
  "Attempts to sign in, by outcome: ok, refused (address or password is wrong) or limited (too many were wrong before). Many that are not ok: somebody guesses passwords.",
  ["outcome"],
);
for (const outcome of ["ok", "refused", "limited"]) logins.inc({ outcome }, 0);
