// How an attempt ended, in a form that gives the same answer byte for byte whenever it is asked again.
import { fromJson, toJson, type JsonValue } from "@bufbuild/protobuf";
import { OrderSchema, type Order } from "#gen/stoa/order/v1/order_pb.js";
import { AppError, type ErrorDetails, type ErrorKind } from "#platform/kit/errors.ts";

export type Outcome =
  | { readonly order: JsonValue }
  | {
      readonly refusal: {
        readonly kind: ErrorKind;
        readonly reason: string;
        readonly publicMessage: string;
        readonly details: ErrorDetails;
        readonly retryAfterSeconds: number | undefined;
      };
    };

export function orderOutcome(order: Order): Outcome {
  return { order: toJson(OrderSchema, order) };
}

/** The refusal keeps the id of the request it first answered, because that id is part of the answer. */
export function refusalOutcome(error: AppError, requestId: string | undefined): Outcome {
  const { kind, reason, publicMessage, retryAfterSeconds } = error;
  const details = requestId === undefined ? error.details : { ...error.details, requestId };
  return { refusal: { kind, reason, publicMessage, details, retryAfterSeconds } };
}

/** The order, or throws the refusal. */
export function answerOf(outcome: Outcome): Order {
  if ("order" in outcome) return fromJson(OrderSchema, outcome.order);
  const { kind, reason, publicMessage, details, retryAfterSeconds } = outcome.refusal;
  const options = { publicMessage, details };
  throw new AppError(
    kind,
    reason,
    retryAfterSeconds === undefined ? options : { ...options, retryAfterSeconds },
  );
}
