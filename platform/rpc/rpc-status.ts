// How calls are told apart in metrics and on records: the names that gRPC gives its status codes.
import type { Clock } from "#platform/kit/clock.ts";
import { AppError, errorKinds, isFailure, type ErrorKind } from "#platform/kit/errors.ts";
import { noteCall, noteRetry } from "#platform/operations/traffic.ts";
import { neighbourRetries, rpcClientSeconds } from "#platform/telemetry/metrics.ts";

/** By number, as https://grpc.io/docs/guides/status-codes lists them. */
const names = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
] as const;

/** The name of the gRPC status of an outcome: `OK`, `NOT_FOUND`, … */
export function rpcStatusOf(outcome: ErrorKind | "ok"): string {
  return outcome === "ok" ? "OK" : (names[errorKinds[outcome].grpc] ?? "UNKNOWN");
}

/** Who asks whom. */
export interface MeasuredWay {
  readonly caller: string;
  readonly neighbour: string;
  readonly clock: Clock;
}

/** Makes one call and measures it, by what came of it. */
export async function measuringCall<T>(way: MeasuredWay, ask: () => Promise<T>): Promise<T> {
  const { caller, neighbour, clock } = way;
  const startedMs = clock.monotonicMs();
  let outcome: ErrorKind | "ok" = "ok";
  try {
    return await ask();
  } catch (error) {
    outcome = error instanceof AppError ? error.kind : "internal";
    throw error;
  } finally {
    const labels = { service: caller, neighbour, rpc_response_status_code: rpcStatusOf(outcome) };
    const ms = clock.monotonicMs() - startedMs;
    rpcClientSeconds.observe(labels, ms / 1000);
    if (outcome !== "canceled") noteCall(caller, neighbour, ms, isFailure(outcome));
  }
}

/** Counts a call that is sent once more. */
export function countRetry({ caller, neighbour }: Pick<MeasuredWay, "caller" | "neighbour">): void {
  neighbourRetries.inc({ service: caller, neighbour });
  noteRetry(caller, neighbour);
}
