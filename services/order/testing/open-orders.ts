// What this service's tests share: the service between neighbours that answer their contracts and keep count.
import { create, toJsonString, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { EventInboxService } from "#gen/stoa/platform/v1/events_pb.js";
import { OrderService } from "#gen/stoa/order/v1/order_pb.js";
import type { Database } from "#platform/database/db.ts";
import { eventKind } from "#platform/database/events.ts";
import { newId } from "#platform/kit/ids.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { AnyService } from "#platform/kit/service.ts";
import { listToldTopics, makeDue, workOff } from "#platform/testing/tasks.ts";
import { testServices } from "#platform/testing/services.ts";
import { StandInNeighbours, neighbourServices, neighboursHear } from "./stand-in-neighbours.ts";
import { order } from "../service.ts";

export async function openOrders() {
  const world = new StandInNeighbours();
  const shop = await testServices([...neighbourServices(world), order as unknown as AnyService], {
    hears: neighboursHear,
  });
  const client = shop.as(OrderService, "order");
  const service = shop.services.find(({ name }) => name === "order");
  if (!service?.db) throw new Error("The order service did not open.");
  const handlers = service.parts.rpc?.[0]?.handlers;
  /** Calls a handler as somebody: what a token would make of the caller. */
  const asCaller = async <Answer = never>(rpc: string, request: object, call: Call): Promise<Answer> => {
    const handler = handlers?.get(rpc);
    if (!handler) throw new Error(`There is no RPC ${rpc}.`);
    return (await handler(request as never, call)) as Answer;
  };
  const db: Database = service.db;
  const runJob = async (name: string) => {
    const job = service.parts.jobs?.find((one) => one.name === name);
    if (!job) throw new Error(`There is no job ${name}.`);
    await job.run(new AbortController().signal);
  };
  /** What waits under this name is tried now, once. */
  const tryTasks = async (name: string) => {
    await makeDue(db, name);
    await workOff(db, service.parts.tasks?.filter((task) => task.name === name) ?? []);
  };
  const inbox = shop.client(EventInboxService, "order", "payment");
  /** An event of another service arrives. */
  const hear = async <E extends DescMessage>(schema: E, id: string, payload: MessageInitShape<E>) => {
    const { topic, version } = eventKind(schema);
    const payloadJson = toJsonString(schema, create(schema, payload));
    const event = { id, topic, version, aggregateId: id, payloadJson };
    const { failures } = await inbox.deliver({ source: "payment", events: [event] });
    if (failures[0]) throw new Error(failures[0].message);
  };
  /** Topics that were told of an order and have not been delivered, in their order. */
  const topicsOf = async (orderId: string) => await listToldTopics(db, "email", orderId);
  /** An order that checkout has brought to its end. */
  const placed = async (userId = newId()) => {
    const wish = newOrder(userId);
    const { id } = wish;
    const paymentId = wish.payment.id;
    await client.createOrder({ order: wish });
    world.captured.set(paymentId, wish.totalAmount.minor);
    await client.markPaid({ orderId: id, payment: { id: paymentId, brand: "visa", last4: "4242" } });
    await client.confirmOrder({ orderId: id, trackingNumber: "ST-1" });
    return { id, paymentId, userId };
  };
  return { shop, world, client, db, hear, asCaller, runJob, tryTasks, topicsOf, placed };
}

export function usd(minor: bigint) {
  return { currencyCode: "USD", minor };
}

/** Two mugs and a watch: 17.98 + 109.99 + 8.99 shipping = 136.96 USD. */
export function newOrder(userId = newId(), id = newId()) {
  const line = { productId: newId(), variantId: newId(), productCode: "6E92ZMYYFZ" };
  return {
    id,
    userId,
    email: "ada@example.com",
    currencyCode: "USD",
    items: [
      { ...line, name: "Mug", quantity: 2, price: usd(899n), subtotal: usd(1_798n) },
      { ...line, name: "Watch", quantity: 1, price: usd(10_999n), subtotal: usd(10_999n) },
    ],
    subtotal: usd(12_797n),
    shippingCost: usd(899n),
    totalAmount: usd(13_696n),
    shippingAddress: { line1: "12 St James's Square", city: "London", postalCode: "SW1Y 4JH", country: "GB" },
    payment: { id: newId() },
    rateSnapshotId: "bundled",
  };
}
