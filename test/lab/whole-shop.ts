// All services but those that speak HTTP, in this process, on databases of their own: for races and simulations.
import assert from "node:assert/strict";
import type { DescService } from "@bufbuild/protobuf";
import { CartService } from "#gen/stoa/cart/v1/cart_pb.js";
import { CatalogService } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { CheckoutService } from "#gen/stoa/checkout/v1/checkout_pb.js";
import { UserService } from "#gen/stoa/user/v1/user_pb.js";
import { OrderService } from "#gen/stoa/order/v1/order_pb.js";
import { systemClock } from "#platform/kit/clock.ts";
import { hearsOf } from "#platform/kit/hearing.ts";
import type { Database } from "#platform/database/db.ts";
import { testServices, type TestServicesOptions } from "#platform/testing/services.ts";
import { audit, booksOf } from "../../audit/audit.ts";
import { services } from "../../shop.ts";
import { cards } from "./buyer.ts";
import { untilAtRest } from "./rest.ts";

/** Opens the back end with its jobs running. */
export async function openBackEnd(options: TestServicesOptions = {}) {
  const wanted = services.filter(
    ({ name }) => name !== "gateway" && name !== "storefront" && name !== "admin",
  );
  const running = await testServices(await Promise.all(wanted.map(({ load }) => load())), {
    hears: hearsOf(wanted),
    ...options,
  });
  const databases = new Map<string, Database>();
  for (const { name, db } of running.services) if (db) databases.set(name, db);
  const database = (name: string): Database => databases.get(name) ?? assert.fail(`no database of ${name}`);
  // Nobody tops up stock that a test counts.
  await database("catalog").run("update products set is_demo = false");
  running.startWork();
  return {
    checkout: running.as(CheckoutService, "checkout", "gateway"),
    cart: running.as(CartService, "cart", "gateway"),
    catalog: running.as(CatalogService, "catalog", "gateway"),
    order: running.as(OrderService, "order", "gateway"),
    /** A client of any contract, as the gateway. */
    client: <S extends DescService>(descriptor: S, service: string) =>
      running.as(descriptor, service, "gateway"),
    user: running.as(UserService, "user", "gateway"),
    databases,
    database,
    /** Waits until nothing is under way, then demands that every invariant holds. */
    mustBeSound: async () => {
      await untilAtRest({ databases });
      const findings = await audit(booksOf(databases), { restSeconds: 0 }, systemClock);
      const broken = findings.flatMap(({ invariant, violations }) =>
        violations.map((line) => `${invariant.id}: ${line}`),
      );
      assert.deepEqual(broken, []);
    },
  };
}

export type BackEnd = Awaited<ReturnType<typeof openBackEnd>>;

interface OrderRequest {
  readonly userId: string;
  readonly items?: { productId: string; quantity: number }[];
  readonly idempotencyKey?: string;
  readonly cartVersion?: bigint;
  readonly email?: string;
  readonly card?: { number: string; expiryMonth: number; expiryYear: number; cvc: string };
}

/** A request to buy, complete but for what the test is about. */
export function orderRequest(request: OrderRequest) {
  return {
    email: "ada@example.com",
    shippingAddress: {
      fullName: "Ada Lovelace",
      line1: "1 Analytical Way",
      city: "New York",
      region: "NY",
      postalCode: "10001",
      country: "US",
    },
    card: { number: cards.good, expiryMonth: 12, expiryYear: 2035, cvc: "123" },
    ...request,
  };
}
