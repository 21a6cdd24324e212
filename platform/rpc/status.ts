// Refusals on the wire: AppError to and from gRPC status with google.rpc details.
import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type Message,
  type MessageShape,
} from "@bufbuild/protobuf";
import { anyPack, anyUnpack, type Any } from "@bufbuild/protobuf/wkt";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "#gen/google/rpc/error_details_pb.js";
import { StatusSchema } from "#gen/google/rpc/status_pb.js";
import { AppError, appError, errorKinds, type ErrorDetails, type ErrorKind } from "#platform/kit/errors.ts";
import { deadlineExceeded } from "./scope.ts";

const domain = "stoa";

/** Code, text and packed details for the trailers of a failed call. The cause stays here. */
export function statusOf(error: AppError): { code: number; message: string; details: Uint8Array } {
  const code = errorKinds[error.kind].grpc;
  const metadata = { kind: error.kind, details: JSON.stringify(error.details) };
  const packed = [
    anyPack(ErrorInfoSchema, create(ErrorInfoSchema, { reason: error.reason, domain, metadata })),
  ];
  if (error.violations.length > 0) {
    const fieldViolations = error.violations.map(({ path, message }) => ({
      field: path,
      description: message,
    }));
    packed.push(anyPack(BadRequestSchema, create(BadRequestSchema, { fieldViolations })));
  }
  if (error.retryAfterSeconds !== undefined) {
    const retryDelay = { seconds: BigInt(Math.ceil(error.retryAfterSeconds)), nanos: 0 };
    packed.push(anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay })));
  }
  const status = create(StatusSchema, { code, message: error.publicMessage, details: packed });
  return { code, message: error.publicMessage, details: toBinary(StatusSchema, status) };
}

/** The AppError a failed call stands for. Without our details (a proxy, a dead peer) the code alone decides. */
export function errorOfStatus(code: number, message: string, details: Uint8Array | undefined): AppError {
  const unpacked = details ? unpackedDetails(details) : undefined;
  const info = unpacked?.find(ErrorInfoSchema);
  if (!unpacked || !info || info.domain !== domain) return errorOfCode(code, message);
  const kind = info.metadata["kind"];
  const violations = unpacked.find(BadRequestSchema)?.fieldViolations ?? [];
  const retryDelay = unpacked.find(RetryInfoSchema)?.retryDelay;
  return new AppError(isErrorKind(kind) ? kind : "internal", info.reason, {
    publicMessage: message,
    details: JSON.parse(info.metadata["details"] ?? "{}") as ErrorDetails,
    violations: violations.map(({ field, description }) => ({ path: field, message: description })),
    ...(retryDelay ? { retryAfterSeconds: Number(retryDelay.seconds) } : {}),
  });
}

/** Reason of every failure of the way itself: whether the work was done is unknown, unless `wasNotSent` says that it was not. */
export const neighbourUnavailable = "NEIGHBOUR_UNAVAILABLE";

const waysFailed = new WeakSet<object>();
const unsent = new WeakSet<object>();

/** True for a call that failed before anything of it left this process: it has not been done, and is safe to make again. */
export function wasNotSent(error: unknown): boolean {
  return typeof error === "object" && error !== null && unsent.has(error);
}

/** True when no answer of the neighbour came: it is gone, hangs, or the way to it broke. What it says itself is none of these. */
export function isOfTheWay(error: unknown): boolean {
  return typeof error === "object" && error !== null && waysFailed.has(error);
}

/** The failure of the way itself; `why` is for the log. */
export function unavailable(why: string): AppError {
  const error = appError("unavailable", neighbourUnavailable, {
    publicMessage: "A part of the shop cannot be reached right now. Try again in a moment.",
    retryAfterSeconds: 1,
    cause: new Error(why),
  });
  waysFailed.add(error);
  return error;
}

/** Marks a failure as one of before anything was sent. */
export function notSent(error: AppError): AppError {
  unsent.add(error);
  return error;
}

/** What grpc-js says when a call found no connection, or a server gave it back untouched. */
const sayUnsent =
  /^(\w+: )?(No connection established|No addresses resolved|Name resolution failed|Failed to parse|Channel closed|Stream refused)/;
/** What it says by itself of an answer that is none: cut off in the middle, or bytes that are no gRPC. */
const sayBroken =
  /^(Received RST_STREAM|Received HTTP status|Response message parsing error|No message received|No status information|Failed to start HTTP\/2|Write (error|failed)|Call cancelled$|Bandwidth exhausted|Protocol not secure)/;

function errorOfCode(code: number, message: string): AppError {
  if (code === errorKinds.unavailable.grpc) {
    const error = unavailable(message);
    return sayUnsent.test(message) ? notSent(error) : error;
  }
  if (code === errorKinds.deadline_exceeded.grpc) {
    const error = deadlineExceeded();
    waysFailed.add(error);
    return error;
  }
  if (sayBroken.test(message)) return unavailable(message);
  const kind = kindOfCode(code, message);
  const publicMessage = kind === "internal" ? "Something went wrong on our side." : message;
  return appError(kind, kind.toUpperCase(), {
    publicMessage,
    cause: new Error(`gRPC status ${code}: ${message}`),
  });
}

function kindOfCode(code: number, message: string): ErrorKind {
  if (code === errorKinds.too_large.grpc && /larger than/.test(message)) return "too_large";
  const entry = Object.entries(errorKinds).find(([, { grpc }]) => grpc === code);
  return entry && isErrorKind(entry[0]) ? entry[0] : "internal";
}

function unpackedDetails(
  bytes: Uint8Array,
): { find<D extends DescMessage>(schema: D): MessageShape<D> | undefined } | undefined {
  try {
    const details: Any[] = fromBinary(StatusSchema, bytes).details;
    return {
      find: (schema) => {
        const any = details.find(({ typeUrl }) => typeUrl.endsWith(`/${schema.typeName}`));
        return any
          ? (anyUnpack(any, schema) as (Message & MessageShape<typeof schema>) | undefined)
          : undefined;
      },
    };
  } catch {
    return undefined;
  }
}

function isErrorKind(text: string | undefined): text is ErrorKind {
  return text !== undefined && text in errorKinds;
}
