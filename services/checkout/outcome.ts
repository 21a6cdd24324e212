// How an attempt ended, in a form that gives the same answer byte for byte whenever it is asked again.
import { fromJson, toJson, type JsonValue } from "@bufbuild/protobuf";
import type { PendingPayment } from "#gen/stoa/checkout/v1/checkout_pb.js";
import { OrderSchema, type Order } from "#gen/stoa/order/v1/order_pb.js";
import { AppError, type ErrorDetails, type ErrorKind } from "#platform/kit/errors.ts";
import type { Waiting } from "./waiting.ts";

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

/** What whoever asked is told: the order, or what they have to do before there is one; or throws the refusal. */
export function placedOf(end: Outcome | Waiting): Placed {
  return "pendingPayment" in end ? end : { order: answerOf(end) };
}

export type Placed = { readonly order: Order; readonly pendingPayment?: PendingPayment };

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
