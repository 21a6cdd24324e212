// The services around this one, as their contracts promise them; they keep count and can be away.
import type { DescService } from "@bufbuild/protobuf";
import { CatalogService } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { PaymentRefundedSchema, PaymentService } from "#gen/stoa/payment/v1/payment_pb.js";
import { ShippingService } from "#gen/stoa/shipping/v1/shipping_pb.js";
import { GuestJoinedSchema, UserErasedSchema } from "#gen/stoa/user/v1/user_pb.js";
import { appError } from "#platform/kit/errors.ts";
import type { EventHandler } from "#platform/database/events.ts";
import { bindRpcs } from "#platform/rpc/contract.ts";
import { defineService, type AnyService } from "#platform/kit/service.ts";

/** Payments by id, as the payment contract promises them: never more back than was taken, each refund once. */
export class StandInNeighbours {
  readonly captured = new Map<string, bigint>();
  readonly refunds = new Map<string, { paymentId: string; minor: bigint }>();
  /** Reservations and parcels given back, each once however often it is asked. */
  readonly released = new Set<string>();
  readonly stopped = new Set<string>();
  readonly sent = new Set<string>();
  readonly events: { topic: string; orderId: string }[] = [];
  /** Names of calls that fail as if the neighbour were down. */
  readonly down = new Set<string>();
  /** Whether the payment provider gives nothing back. */
  refusesRefunds = false;

  refundedOf(paymentId: string): bigint {
    let total = 0n;
    for (const refund of this.refunds.values()) if (refund.paymentId === paymentId) total += refund.minor;
    return total;
  }

  topicsOf(orderId: string): string[] {
    return this.events.filter((event) => event.orderId === orderId).map(({ topic }) => topic);
  }
}

interface RefundAsk {
  paymentId: string;
  refundId: string;
  amount: { minor: bigint };
}

/** What the list of services would say. */
export const neighboursHear = {
  email: ["order.placed", "order.shipped", "order.delivered", "order.cancelled", "order.refunded"],
  order: ["user.erased", "guest.joined", "payment.refunded"],
};

export function neighbourServices(world: StandInNeighbours): AnyService[] {
  const rpc = neighbourRpcs(world);
  const answers = (name: string, descriptor: DescService): AnyService =>
    defineService({
      name,
      config: {},
      needs: {},
      create: () => ({ rpc: [bindRpcs(descriptor, undefined, rpc as never)] }),
    });
  const listens = (name: string): AnyService => {
    const apply: EventHandler["apply"] = async (_, { topic, aggregateId }) => {
      world.events.push({ topic, orderId: aggregateId });
      await Promise.resolve();
    };
    const topics = neighboursHear[name as keyof typeof neighboursHear] ?? [];
    const inbox = topics.map((topic) => ({ topic, version: 1, apply }));
    return defineService({ name, config: {}, needs: {}, database: `${name}_db`, create: () => ({ inbox }) });
  };
  const shipping = defineService({
    name: "shipping",
    config: {},
    needs: {},
    database: "shipping_db",
    create: () => ({ rpc: [bindRpcs(ShippingService, undefined, rpc as never)] }),
  });
  const payment = defineService({
    name: "payment",
    config: {},
    needs: {},
    database: "payments_db",
    emits: [PaymentRefundedSchema],
    create: () => ({ rpc: [bindRpcs(PaymentService, undefined, rpc as never)] }),
  });
  const user = defineService({
    name: "user",
    config: {},
    needs: {},
    database: "users_db",
    emits: [UserErasedSchema, GuestJoinedSchema],
    create: () => ({}),
  });
  return [
    user,
    answers("catalog", CatalogService),
    payment,
    shipping,
    listens("email"),
    listens("recommendation"),
  ];
}

function neighbourRpcs(world: StandInNeighbours) {
  const up = (call: string) => {
    if (world.down.has(call)) throw appError("unavailable", "NEIGHBOUR_UNAVAILABLE");
  };
  return {
    async releaseReservation(_: unknown, { reservationId }: { reservationId: string }) {
      up("releaseReservation");
      world.released.add(reservationId);
      return {};
    },
    async cancelPayment(_: unknown, { paymentId }: { paymentId: string }) {
      up("cancelPayment");
      const taken = world.captured.get(paymentId) ?? 0n;
      const left = taken - world.refundedOf(paymentId);
      if (left > 0n) world.refunds.set(`cancel:${paymentId}`, { paymentId, minor: left });
      const status = taken > 0n ? "refunded" : "voided";
      return { payment: { id: paymentId, status, refunded: { currencyCode: "USD", minor: taken } } };
    },
    async refund(_: unknown, { paymentId, refundId, amount }: RefundAsk) {
      up("refund");
      const left = (world.captured.get(paymentId) ?? 0n) - world.refundedOf(paymentId);
      if (!world.refunds.has(refundId)) {
        if (world.refusesRefunds || amount.minor > left)
          throw appError("conflict", "REFUND_EXCEEDS_CAPTURED");
        world.refunds.set(refundId, { paymentId, minor: amount.minor });
      }
      return { payment: { id: paymentId } };
    },
    async cancelShipment(_: unknown, { orderId }: { orderId: string }) {
      up("cancelShipment");
      world.stopped.add(orderId);
      return {};
    },
    async advanceShipment(_: unknown, { orderId }: { orderId: string }) {
      up("advanceShipment");
      world.sent.add(orderId);
      return {};
    },
  };
}
