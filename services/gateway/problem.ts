// The one place that knows what refusals look like over HTTP (RFC 9457).
import { AppError, appError, errorKinds, toAppError, type FieldViolation } from "#platform/kit/errors.ts";
import { refusal, type GatewayReason } from "./errors.ts";
import { violationsOf, type SchemaFault } from "./violations.ts";

/** A refusal as it leaves the gateway. */
export interface Problem {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: { readonly [member: string]: unknown };
}

/** Any error as a problem. `error` is kept for the log when it is a bug of ours. */
export function problemOf(thrown: unknown, requestId: string): Problem {
  const error = refusalOf(thrown);
  const status = errorKinds[error.kind].http;
  const { requestId: firstRequestId, ...members } = error.details;
  const body = {
    ...members,
    type: `urn:stoa:error:${error.reason}`,
    title: titleOf(error.reason),
    status,
    detail: error.publicMessage,
    code: error.reason,
    // A replayed refusal keeps the id of the request that was refused first, so that both answers are the same bytes.
    requestId: typeof firstRequestId === "string" ? firstRequestId : requestId,
    ...(error.violations.length > 0 ? { errors: shownViolations(error) } : {}),
  };
  const headers: Record<string, string> = {};
  if (error.retryAfterSeconds !== undefined)
    headers["retry-after"] = String(Math.max(1, Math.ceil(error.retryAfterSeconds)));
  else if (status === 503) headers["retry-after"] = "1";
  if (status === 401) headers["www-authenticate"] = challengeOf(error.reason);
  return { status, headers, body };
}

/** Services name the fields of an address; in every body of this API an address stands under one name. */
function shownViolations({ reason, violations }: AppError): readonly FieldViolation[] {
  if (reason !== "ADDRESS_INVALID") return violations;
  return violations.map(({ path, message }) => ({ path: `shippingAddress.${path}`, message }));
}

/** What Fastify's own refusals are called here. */
const reasonsOfFastify: { readonly [code: string]: GatewayReason } = {
  FST_ERR_CTP_BODY_TOO_LARGE: "PAYLOAD_TOO_LARGE",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "MEDIA_TYPE_UNSUPPORTED",
};

/** What was thrown as an AppError; errors of Fastify's parsers and validators become `invalid`. */
export function refusalOf(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const { validation, statusCode, code } = thrown as {
    validation?: readonly SchemaFault[];
    statusCode?: number;
    code?: string;
  };
  if (validation) {
    const violations = violationsOf(validation);
    const [first] = violations;
    const publicMessage = first ? `${first.path || "The body"}: ${first.message}` : "The body is not valid.";
    return appError("invalid", "VALIDATION_FAILED", { publicMessage, violations });
  }
  const reason = reasonsOfFastify[code ?? ""];
  if (reason) return refusal(reason);
  const isClientFault = statusCode !== undefined && statusCode >= 400 && statusCode < 500;
  if (isClientFault && code?.startsWith("FST_")) return refusal("BODY_MALFORMED");
  return toAppError(thrown);
}

function challengeOf(reason: string): string {
  if (reason === "TOKEN_REQUIRED") return 'Bearer realm="stoa"';
  return 'Bearer realm="stoa", error="invalid_token"';
}

function titleOf(reason: string): string {
  const words = reason.toLowerCase().replaceAll("_", " ");
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
