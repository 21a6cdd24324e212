// What the staff and machines do through the API is in the activity log of whoever did it, and so is who was refused.
import assert from "node:assert/strict";
import { glob, readFile } from "node:fs/promises";
import { it } from "node:test";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { OperationsService } from "#gen/stoa/platform/v1/operations_pb.js";
import { UserService } from "#gen/stoa/user/v1/user_pb.js";
import { machineIdOf } from "#platform/auth/machine-key.ts";
import type { Database } from "#platform/database/db.ts";
import { randomCode } from "#platform/kit/ids.ts";
import { openApi } from "./open-api.ts";

const productKey = "pk-9Zq4vT0mX2cR7yB1nL5sK8wE3uH6jD";
const api = await openApi({ environment: { PRODUCT_API_KEY: productKey } });
const address = "192.0.2.17";
const headers = { "user-agent": "till/7" };

function database(service: string): Database {
  return (
    api.running.services.find(({ name }) => name === service)?.db ?? assert.fail(`no database of ${service}`)
  );
}

interface Entry {
  readonly actorKind: string;
  readonly actor: string;
  readonly subject: string;
  readonly before: unknown;
  readonly after: { readonly [name: string]: unknown };
  readonly personal: { readonly [name: string]: string };
}

/** The newest entry of this action. */
async function newest(service: string, action: string): Promise<Entry | undefined> {
  return await database(service).row<Entry>(
    `select actor_kind as "actorKind", actor, subject, before, after, coalesce((
       select jsonb_object_agg(name, value) from activity_personal p where p.sequence = a.sequence), '{}') as personal
     from activity a where action = $1 order by sequence desc limit 1`,
    [action],
  );
}

async function entry(service: string, action: string): Promise<Entry> {
  return (await newest(service, action)) ?? assert.fail(`no entry ${action} of ${service}`);
}

async function until<T>(find: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await find();
    if (found !== undefined) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** RPCs that want an admin, and the action under which each is in the log. */
const recorded: { readonly [rpc: string]: readonly [service: string, action: string] } = {
  "catalog/create-product": ["catalog", "product.create"],
  "catalog/replace-product": ["catalog", "product.change"],
  "catalog/delete-product": ["catalog", "product.delete"],
  "catalog/adjust-stock": ["catalog", "stock.change"],
  "catalog/create-category": ["catalog", "category.create"],
  "catalog/update-category": ["catalog", "category.change"],
  "catalog/delete-category": ["catalog", "category.delete"],
  "catalog/store-file": ["catalog", "file.store"],
  "order/update-status": ["order", "order.ship"],
  "order/refund-order": ["order", "order.refund"],
  "user/switch-flag": ["user", "flag.change"],
  "user/take-back-switch": ["user", "flag.change"],
  "user/erase-user": ["user", "activity.erase"],
};

/** RPCs that want an admin, or show an admin more, and change nothing. */
const reads = [
  "email/get-mail",
  "email/list-mails",
  "order/get-figures",
  "order/list-orders",
  "order/list-refunds",
];

const token = await api.admin();
const asAdmin = { token, address, headers };
const body = (name: string) => ({
  ...{ name, description: "", category: "toys", stockQuantity: 50 },
  price: { amount: "20.00", currencyCode: "USD" },
});
const send = async (request: string, options: object, status: number) => {
  const answer = await api.send(request, options);
  assert.equal(answer.status, status, answer.text);
  return answer.json;
};

it("what is done with goods is there with who, from where, why, before and after; a machine is one, too", async () => {
  const { id } = await send("POST /api/products", { ...asAdmin, body: body(`Top ${randomCode(6)}`) }, 201);
  await send(
    `PATCH /api/products/${id}`,
    { ...asAdmin, body: { price: { amount: "25.00", currencyCode: "USD" } } },
    200,
  );
  const changed = await entry("catalog", "product.change");
  assert.deepEqual([changed.actorKind, changed.subject], ["admin", id]);
  assert.deepEqual(changed.personal, { address, agent: "till/7" });
  assert.equal((changed.before as { priceMinor: number }).priceMinor, 2000);
  assert.equal(changed.after["priceMinor"], 2500);
  assert.deepEqual(Object.keys(changed.after).sort(), ["priceMinor", "variants"]);

  const key = { headers: { ...headers, "x-api-key": productKey }, address };
  await send(`PATCH /api/products/${id}/stock`, { ...key, body: { adjust: 5, reason: "counted" } }, 200);
  const { actorKind, actor, before, after, personal } = await entry("catalog", "stock.change");
  assert.deepEqual([actorKind, actor, before], ["machine", machineIdOf("products"), { onHand: 50 }]);
  assert.equal(after["onHand"], 55);
  assert.deepEqual(personal, { address, agent: "till/7", reason: "counted" });

  await send(`DELETE /api/products/${id}`, asAdmin, 204);
  const category = await send("POST /api/categories", { ...asAdmin, body: { name: "Kites" } }, 201);
  await send(`PATCH /api/categories/${category.id}`, { ...asAdmin, body: { name: "Big kites" } }, 200);
  assert.deepEqual((await entry("catalog", "category.change")).before, { name: "Kites" });
  await send(`DELETE /api/categories/${category.id}`, asAdmin, 204);
  const pixel = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");
  await send(
    "POST /api/files",
    { ...asAdmin, headers: { ...headers, "content-type": "image/gif" }, body: pixel },
    201,
  );
});

it("refunds, shipping and cancels are there, and what is personal of the buyer goes when the buyer is erased", async () => {
  const { id: productId } = await send(
    "POST /api/products",
    { ...asAdmin, body: body(`Hoop ${randomCode(6)}`) },
    201,
  );
  const buyer = await api.customer();
  const shippingAddress = {
    line1: "12 Main St",
    city: "Boston",
    region: "MA",
    postalCode: "02110",
    country: "US",
  };
  const card = { number: "4242424242424242", expiryMonth: 12, expiryYear: 2039, cvc: "123" };
  const order = { items: [{ productId, quantity: 3 }], shippingAddress, payment: { type: "card", card } };
  const place = async () => await send("POST /api/orders", { token: buyer.token, body: order }, 201);
  const [first, second] = [await place(), await place()];

  const amount = { amount: "5.00", currencyCode: "USD" };
  const refund = { ...asAdmin, body: { amount, reason: "Ada's hoop was bent" } };
  const refunds = `POST /api/orders/${first.id}/refunds`;
  const once = { ...refund, headers: { ...headers, "idempotency-key": "refund-once-0001" } };
  await send(refunds, once, 201);
  await send(refunds, once, 201);
  const given = await entry("order", "order.refund");
  assert.deepEqual([given.subject, given.after["amountMinor"]], [first.id, 500]);
  assert.deepEqual(given.personal, { address, agent: "till/7", reason: "Ada's hoop was bent" });
  const count = "select count(*)::int as count from activity where action = 'order.refund'";
  assert.deepEqual(await database("order").row(count), { count: 1 });

  await send(`PATCH /api/orders/${first.id}/status`, { ...asAdmin, body: { status: "shipped" } }, 200);
  await send(
    `PATCH /api/orders/${second.id}/status`,
    { token: buyer.token, body: { status: "cancelled" } },
    200,
  );
  const cancelled = await entry("order", "order.cancel");
  assert.deepEqual(
    [cancelled.actorKind, cancelled.actor, cancelled.after],
    ["customer", buyer.userId, { status: "cancelled" }],
  );

  await api.running.client(UserService, "user", "stoa").eraseUser({ email: buyer.email });
  const erased = await until(async () => await newest("order", "activity.erase"));
  assert.equal(erased.subject, buyer.userId);
  assert.deepEqual((await entry("order", "order.refund")).personal, { address, agent: "till/7" });
});

it("sign-ins of the staff, refused ones and denials are there; what was typed is not", async () => {
  const login = await entry("user", "user.login");
  assert.equal(login.actorKind, "admin");
  assert.equal((await entry("user", "user.role.change")).after["role"], "admin");
  const typed = { email: "admin@example.com", password: "open sesame 1234" };
  await send("POST /api/users/login", { body: typed, address, headers }, 401);
  const refused = await entry("user", "user.login_refused");
  assert.deepEqual([refused.actorKind, refused.subject], ["anonymous", login.subject]);
  assert.deepEqual(refused.personal, { address, agent: "till/7" });

  const { token: customer, userId } = await api.customer();
  const denied = { token: customer, address, headers, body: body("Not mine") };
  await send("POST /api/products", denied, 403);
  const denial = await until(async () => await newest("user", "access.denied"));
  assert.deepEqual([denial.actorKind, denial.actor, denial.subject], ["customer", userId, "createProduct"]);
  assert.deepEqual(
    [denial.after, denial.personal],
    [{ reason: "ADMIN_REQUIRED" }, { address, agent: "till/7" }],
  );
});

it("a switched flag is there, and so is its way back", async () => {
  const flag = "PUT /api/flags/ENABLE_RECOMMENDATIONS";
  await send(flag, { ...asAdmin, body: { value: false, reason: "It is slow." } }, 200);
  const switched = await entry("user", "flag.change");
  assert.equal(switched.personal["reason"], "It is slow.");
  await send("DELETE /api/flags/ENABLE_RECOMMENDATIONS?reason=mended", asAdmin, 200);
  assert.equal((await entry("user", "flag.change")).personal["reason"], "mended");
});

it("services of the shop read it, newest first, by who, what, when and text, page by page", async () => {
  const log = api.running.client(OperationsService, "catalog", "stoa");
  const { entries, chain } = await log.listActivity({ actor: "admin", limit: 3 });
  assert.equal(entries.length, 3);
  assert.deepEqual(new Set(entries.map(({ actorKind }) => actorKind)), new Set(["admin"]));
  assert.ok((chain?.position ?? 0n) + BigInt(chain?.unsealed ?? 0) > 3n);
  const third = entries[2] ?? assert.fail("no third entry");
  const place = { beforeMicros: third.micros, beforeSequence: third.sequence };
  const { entries: older } = await log.listActivity({ actor: "admin", limit: 3, ...place });
  assert.ok(older.every(({ sequence }) => entries.every((entry) => entry.sequence > sequence)));
  const { entries: found } = await log.listActivity({ text: "COUNTED" });
  assert.deepEqual(
    found.map(({ action, personal }) => [action, personal["reason"]]),
    [["stock.change", "counted"]],
  );
  const { entries: refunds } = await api.running
    .client(OperationsService, "order", "stoa")
    .listActivity({ action: "order.refund", subject: "order" });
  assert.deepEqual(
    refunds.map(({ erased }) => erased),
    [["reason"]],
  );
  const { entries: none } = await log.listActivity({ until: timestampFromDate(new Date(0)) });
  assert.deepEqual(none, []);
});

it("no RPC that wants an admin is left out: it is in the log, or it changes nothing", async () => {
  const guarded: string[] = [];
  for await (const file of glob("services/*/rpc/*.ts")) {
    if (file.endsWith(".test.ts")) continue;
    if (!/requireAdmin|requireAdminOrService|actsForTheShop/.test(await readFile(file, "utf8"))) continue;
    guarded.push(file.replace("services/", "").replace("rpc/", "").replace(".ts", ""));
  }
  assert.deepEqual(guarded.sort(), [...Object.keys(recorded), ...reads].sort());
  for (const [service, action] of Object.values(recorded))
    assert.ok(await newest(service, action), `${service} has no entry ${action}`);
});
