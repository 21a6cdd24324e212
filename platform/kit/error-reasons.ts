import { appError, type AppError, type AppErrorOptions, type ErrorKind } from "./errors.ts";

/** One row of the error catalogue. */
export interface ErrorReason {
  readonly kind: ErrorKind;
  readonly meaning: string;
  /** When it is worth to ask again. */
  readonly retryAfterSeconds?: number;
}

/**
 * How a service makes its refusals: by reason, with the kind and the text of its table (`services/<x>/errors.ts`) unless there is more
 * to say. What the caller reads is what the reference documents.
 */
export function refusals<Reason extends string>(
  errors: Readonly<Record<Reason, ErrorReason>>,
): (reason: Reason, options?: AppErrorOptions) => AppError {
  return (reason, options = {}) => {
    const { kind, meaning, retryAfterSeconds } = errors[reason];
    const own = { publicMessage: meaning, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
    return appError(kind, reason, { ...own, ...options });
  };
}

/** The refusals of the kit itself; every service may answer with them. */
export const platformReasons: { readonly [reason: string]: ErrorReason } = {
  VALIDATION_FAILED: { kind: "invalid", meaning: "Fields of the request are wrong; errors names them." },
  REQUEST_INVALID: {
    kind: "invalid",
    meaning:
      "What came is not HTTP/1.1 as it should be: one Host that can be, a target with a meaning, a head of at most 16 KiB (431), sent in time (408).",
  },
  URL_INVALID: { kind: "invalid", meaning: "The path holds bytes that are no UTF-8 text." },
  TOKEN_REQUIRED: { kind: "unauthenticated", meaning: "The request needs a bearer token." },
  TOKEN_INVALID: { kind: "unauthenticated", meaning: "The token is forged, foreign, malformed or revoked." },
  TOKEN_EXPIRED: { kind: "unauthenticated", meaning: "The token's time is over; sign in again." },
  TRUST_UNKNOWN: {
    kind: "unavailable",
    meaning: "Sign-ins cannot be checked right now; guests go on. Try again in a moment.",
  },
  REVOCATIONS_TOO_OLD: {
    kind: "unavailable",
    meaning:
      "Revocations of tokens have not been refreshed for a minute, so that nobody acts as an admin; try again.",
  },
  ADMIN_REQUIRED: { kind: "forbidden", meaning: "Only an admin may do this." },
  KEY_OUT_OF_SCOPE: {
    kind: "forbidden",
    meaning:
      "The key of a machine was shown where it does not reach; docs/operate/machine-keys.md says where each does.",
  },
  SERVICE_REQUIRED: { kind: "forbidden", meaning: "Only services of the shop may call this." },
  IDEMPOTENCY_KEY_REUSED: {
    kind: "precondition",
    meaning: "The key was used before with another request.",
  },
  REQUEST_IN_PROGRESS: {
    kind: "conflict",
    meaning: "A request with this key is still running; ask again after Retry-After.",
  },
  RATE_LIMITED: {
    kind: "exhausted",
    meaning: "Too many requests; Retry-After, or RetryInfo over gRPC, says when to come back.",
  },
  OVERLOADED: {
    kind: "unavailable",
    meaning:
      "A process has more to do than it can, and has done nothing for this request; ask again after Retry-After.",
  },
  DATABASE_UNAVAILABLE: {
    kind: "unavailable",
    meaning: "A database of the shop cannot be reached or is overloaded; try again.",
  },
  NEIGHBOUR_UNAVAILABLE: {
    kind: "unavailable",
    meaning: "A service of the shop cannot be reached; whether the work was done is unknown.",
  },
  SHOP_DISAGREES: {
    kind: "unavailable",
    meaning:
      "Two services of the shop were started with different base currencies; an operator has to mend that.",
  },
  NEIGHBOUR_CANNOT: {
    kind: "precondition",
    meaning:
      "The service that had to do it is somebody else's, and its contract has no way to; it has to be done there, by hand.",
  },
  DEADLINE_EXCEEDED: {
    kind: "deadline_exceeded",
    meaning: "The answer took too long; whether the work was done is unknown.",
  },
  CANCELED: { kind: "canceled", meaning: "The caller ended the call." },
  UNIMPLEMENTED: { kind: "unimplemented", meaning: "The service does not answer this call." },
  INTERNAL: { kind: "internal", meaning: "A bug of ours; the log has it under the request id." },
};
