// Three tiers (S1): two storefronts, two processes with everything else, one database. Each may die at any moment.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { CartService as ForeignCarts } from "#gen/hipstershop/demo_pb.js";
import { EventInboxService } from "#gen/stoa/platform/v1/events_pb.js";
import { systemClock } from "#platform/kit/clock.ts";
import { freePorts } from "#platform/kit/free-ports.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { audit, booksOf } from "../../audit/audit.ts";
import type { Attempt } from "../lab/buyer.ts";
import { contradictions } from "../lab/history.ts";
import { untilAtRest } from "../lab/rest.ts";
import { buyOverRest, callRest, newGuest } from "../lab/rest-buyer.ts";
import { openTwoTiers, unplacedBackend, type TwoTiers } from "../lab/two-tiers.ts";

const buyersAtOnce = 4;
const kills = 4;
const product = "6E92ZMYYFZ";
const admin = { ADMIN_EMAIL: "admin@example.com", ADMIN_PASSWORD: "the keys of the colonnade" };

test("two back ends on one database are one shop: nothing is lost or doubled when each dies in turn", async (t) => {
  const shop = await openTwoTiers({ ...admin, STOREFRONT_FRONTS_API: "on" });
  t.after(shop.close);
  await mustShowPages(shop);
  await mustHideInternals(shop);
  await mustAgree(shop);
  const attempts = await buyWhileTheyDie(shop);
  const databases = await shop.databases();
  await untilAtRest({ databases });
  const findings = await audit(booksOf(databases), { restSeconds: 0 }, systemClock);
  const broken = findings.flatMap(({ invariant, violations }) =>
    violations.map((line) => `${invariant.id}: ${line}`),
  );
  assert.deepEqual(broken, []);
  assert.deepEqual(await contradictions({ databases }, attempts), []);
  for (const { userId, answer } of attempts)
    assert.equal(answer.kind, "acknowledged", `buyer ${userId}: ${JSON.stringify(answer)}`);
  await Promise.all([...shop.backends, ...shop.storefronts].map((process) => process.end()));
});

test("a back end whose database is not there waits alive and unready, and ends at once when it is told to", async (t) => {
  const process = unplacedBackend(await freePorts(3));
  t.after(async () => await process.kill());
  process.spawn();
  const answers = async (path: string) =>
    await fetch(`http://${process.host}:${process.operationsPort}${path}`).then(
      ({ status }) => status,
      () => 0,
    );
  await eventually("it is alive", async () => (await answers("/health")) === 200, 30);
  assert.equal(await answers("/ready"), 503);
  const startedMs = systemClock.monotonicMs();
  await process.end();
  assert.ok(systemClock.monotonicMs() - startedMs < 5_000);
});

async function mustShowPages({ backendOrigins, storefrontOrigins }: TwoTiers): Promise<void> {
  for (const origin of storefrontOrigins) {
    // Storefronts that were up before have found nobody, and ask again after a moment.
    await eventually(`${origin} shows whole pages`, async () => (await fetch(`${origin}/`)).status === 200);
    // Storefronts are the only door (S3-03): what is no page is answered behind them.
    for (const path of [
      "/product/OLJCESPC7Z",
      "/api/products",
      "/admin/login",
      "/docs",
      "/openapi.json",
      "/.well-known/jwks.json",
    ])
      assert.equal((await fetch(origin + path)).status, 200, path);
    assert.equal((await fetch(`${origin}/api/nope`)).status, 404);
  }
  for (const origin of backendOrigins) {
    const page = await fetch(`${origin}/product/OLJCESPC7Z`);
    assert.deepEqual([page.status, ((await page.json()) as { code: string }).code], [404, "ROUTE_NOT_FOUND"]);
    assert.equal((await fetch(`${origin}/admin/login`)).status, 200);
    assert.equal((await fetch(`${origin}/metrics`)).status, 404);
  }
}

/** Services reach each other in the process: what only they may call is not on its port. */
async function mustHideInternals({ backends }: TwoTiers): Promise<void> {
  for (const { host, grpcPort } of backends) {
    const transport = createGrpcTransport({ baseUrl: `http://${host}:${grpcPort}` });
    const isUnknown = (error: unknown) => ConnectError.from(error).code === Code.Unimplemented;
    await assert.rejects(createClient(EventInboxService, transport).deliver({}), isUnknown);
    await assert.rejects(createClient(ForeignCarts, transport).getCart({ userId: "nobody" }), isUnknown);
  }
}

/** What one of them is told, the other knows: what is in a cart at once, who has signed out within seconds. */
async function mustAgree({ backendOrigins: [first = "", second = ""] }: TwoTiers): Promise<void> {
  const { token } = await newGuest(first);
  const body = { productId: product, quantity: 2 };
  assert.equal((await callRest(first, "POST", "/api/cart/me/items", { token, body })).status, 201);
  const cart = await callRest(second, "GET", "/api/cart/me", { token });
  assert.equal((cart.body["items"] as unknown[]).length, 1);
  assert.equal((await callRest(first, "POST", "/api/users/logout", { token })).status, 204);
  await eventually(
    "the other one knows it",
    async () => (await callRest(second, "GET", "/api/cart/me", { token })).status === 401,
  );
}

async function buyWhileTheyDie({
  backends,
  backendOrigins,
  storefrontOrigins,
}: TwoTiers): Promise<Attempt[]> {
  const attempts: Attempt[] = [];
  let isOpen = true;
  let turn = 0;
  // Whoever was not answered asks again, and comes to any of the doors.
  const doors = [...backendOrigins, ...storefrontOrigins];
  const either = () => doors[(turn += 1) % doors.length] ?? "";
  const keepBuying = async () => {
    while (isOpen) attempts.push(await buyOverRest(either, product));
  };
  const shoppers = Promise.all(Array.from({ length: buyersAtOnce }, keepBuying));
  shoppers.catch(() => undefined);
  const untilMore = async (more: number) => {
    const wanted = attempts.length + more;
    await eventually(`${more} more have bought`, () => attempts.length >= wanted, 60);
  };
  try {
    await untilMore(buyersAtOnce);
    for (let kill = 0; kill < kills; kill += 1) {
      const victim = backends[kill % backends.length];
      await victim?.kill();
      await untilMore(buyersAtOnce);
      await victim?.start();
      await untilMore(buyersAtOnce);
    }
  } finally {
    isOpen = false;
    await shoppers;
  }
  return attempts;
}
