// One class, closed kinds. Services throw AppError; the RPC layer carries it; only the gateway knows HTTP bodies.

/** Every way a request can be refused, with its gRPC code and HTTP status. There are no others; anything else is a bug. */
export const errorKinds = {
  /** The request can never work as it is. */
  invalid: { grpc: 3, http: 400 },
  unauthenticated: { grpc: 16, http: 401 },
  /** The card or the bank said no. */
  payment_required: { grpc: 9, http: 402 },
  forbidden: { grpc: 7, http: 403 },
  not_found: { grpc: 5, http: 404 },
  /** Someone else was faster; read again and retry. */
  conflict: { grpc: 10, http: 409 },
  /** It is not what the caller saw last: read again before changing it. */
  stale: { grpc: 10, http: 412 },
  /** Understood, but not in this state. */
  precondition: { grpc: 9, http: 422 },
  exhausted: { grpc: 8, http: 429 },
  /** The caller gave up. */
  canceled: { grpc: 1, http: 499 },
  /** The outcome is unknown: the work may have been done. */
  deadline_exceeded: { grpc: 4, http: 503 },
  /** A neighbour is down or asks for patience; safe to retry. */
  unavailable: { grpc: 14, http: 503 },
  unimplemented: { grpc: 12, http: 501 },
  /** A bug. Logged whole, shown as a request id. */
  internal: { grpc: 13, http: 500 },
  /** Three of HTTP's own. */
  method_not_allowed: { grpc: 12, http: 405 },
  too_large: { grpc: 8, http: 413 },
  media_type: { grpc: 3, http: 415 },
} as const;

export type ErrorKind = keyof typeof errorKinds;

/** What belongs to a refusal beside its text; plain JSON, shown to the caller. */
export type ErrorDetails = { readonly [key: string]: unknown };

/** One wrong field of a request. `path` is a JSON path such as `items[0].quantity`. */
export interface FieldViolation {
  readonly path: string;
  readonly message: string;
}

export interface AppErrorOptions {
  /** For the caller: a full sentence. */
  readonly publicMessage?: string;
  readonly details?: ErrorDetails;
  readonly violations?: readonly FieldViolation[];
  readonly retryAfterSeconds?: number;
  /** For the log only; never crosses a border. */
  readonly cause?: unknown;
}

/**
 * A refusal with two audiences: `publicMessage`, `reason`, `details` are for the caller; `cause` stays in this process.
 * `reason` is stable UPPER_SNAKE and listed in docs/reference/errors.md.
 */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly kind: ErrorKind;
  readonly reason: string;
  readonly publicMessage: string;
  readonly details: ErrorDetails;
  readonly violations: readonly FieldViolation[];
  readonly retryAfterSeconds: number | undefined;

  constructor(kind: ErrorKind, reason: string, options: AppErrorOptions = {}) {
    const publicMessage = options.publicMessage ?? sentenceOf(reason);
    super(`${reason}: ${publicMessage}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.reason = reason;
    this.publicMessage = publicMessage;
    this.details = options.details ?? {};
    this.violations = options.violations ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** Makes a refusal, to be thrown where it is found. */
export function appError(kind: ErrorKind, reason: string, options?: AppErrorOptions): AppError {
  return new AppError(kind, reason, options);
}

/** A refused request with the fields that were wrong. */
export function invalid(violations: readonly FieldViolation[]): AppError {
  const first = violations[0];
  const publicMessage = first
    ? `${first.path || "The request"}: ${first.message}`
    : "The request is not valid.";
  return appError("invalid", "VALIDATION_FAILED", { publicMessage, violations });
}

/** Whether a part of the shop has failed; a refusal that the caller has earned is no failure. */
export function isFailure(kind: ErrorKind | "ok"): boolean {
  return failures.has(kind);
}

const failures: ReadonlySet<string> = new Set([
  "internal",
  "unavailable",
  "deadline_exceeded",
  "unimplemented",
]);

/** True when `error` is a refusal with this reason, also when it came from another service. */
export function isReason(error: unknown, ...reasons: string[]): error is AppError {
  return error instanceof AppError && reasons.includes(error.reason);
}

export function isKind(error: unknown, ...kinds: ErrorKind[]): error is AppError {
  return error instanceof AppError && kinds.includes(error.kind);
}

/**
 * Turns anything thrown into an AppError. What is not one already is a bug: it becomes `internal` with a text that tells
 * nothing, and keeps the original as `cause` for the log.
 */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return appError("internal", "INTERNAL", {
    publicMessage: "Something went wrong on our side.",
    cause: error,
  });
}

function sentenceOf(reason: string): string {
  const words = reason.toLowerCase().replaceAll("_", " ");
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
