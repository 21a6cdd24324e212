import assert from "node:assert/strict";
import { test } from "node:test";
import { isReason } from "#platform/kit/errors.ts";
import { newId } from "#platform/kit/ids.ts";
import { testCall } from "#platform/testing/call.ts";
import { newOrder, openOrders, usd } from "../testing/open-orders.ts";

const { client, db, asCaller, topicsOf, placed } = await openOrders();

function paid(id: string) {
  return { id, brand: "visa", last4: "4242" };
}

test("only services may create, pay, confirm and abandon", async () => {
  const outside = testCall({ userId: newId(), role: "admin" });
  for (const rpc of ["createOrder", "markPaid", "confirmOrder", "abandonOrder"])
    await assert.rejects(asCaller(rpc, {}, outside), (e) => isReason(e, "SERVICE_REQUIRED"));
});

test("an order is written once under its id, whatever the number of calls", async () => {
  const order = newOrder();
  const answers = await Promise.all(Array.from({ length: 20 }, () => client.createOrder({ order })));
  const numbers = new Set(answers.map((answer) => answer.order?.orderNumber));
  assert.equal(numbers.size, 1);
  const first = answers[0]?.order;
  assert.equal(first?.status, "pending");
  assert.equal(first?.totalAmount?.minor, 13_696n);
  const rows = await db.rows("select 1 from order_items where order_id = $1", [order.id]);
  assert.equal(rows.length, 2);
});

test("what is created is what is read, and the seeds' columns hold the amounts in major units", async () => {
  const order = newOrder();
  const created = await client.createOrder({ order });
  const read = await client.getOrder({ id: order.id });
  assert.deepEqual({ ...read.order, history: [] }, { ...created.order, history: [] });
  const row = await db.row<{ total: string; price: string }>(
    `select o.total_amount::text as total, i.price::text as price from orders o join order_items i on i.order_id = o.id
     where o.id = $1 and i.line_number = 1`,
    [order.id],
  );
  assert.deepEqual(row, { total: "136.9600", price: "8.9900" });
});

test("an id that stands for another order is refused", async () => {
  const order = newOrder();
  await client.createOrder({ order });
  const other = { ...newOrder(), id: order.id };
  await assert.rejects(client.createOrder({ order: other }), (e) => isReason(e, "ORDER_ID_TAKEN"));
});

test("an order is paid and confirmed once, and every repeat answers the same", async () => {
  const order = newOrder();
  await client.createOrder({ order });
  const payment = paid(order.payment.id);
  for (const answer of await Promise.all(
    [1, 2, 3].map(() => client.markPaid({ orderId: order.id, payment })),
  ))
    assert.equal(answer.order?.status, "processing");
  const confirm = { orderId: order.id, trackingNumber: "ST-7" };
  for (const answer of await Promise.all([1, 2, 3].map(() => client.confirmOrder(confirm))))
    assert.equal(answer.order?.trackingNumber, "ST-7");
  assert.deepEqual(await topicsOf(order.id), ["order.placed"]);
  const read = await client.getOrder({ id: order.id });
  assert.deepEqual(
    read.order?.history.map(({ fromStatus, toStatus }) => `${fromStatus}>${toStatus}`),
    [">pending", "pending>processing"],
  );
});

test("an unpaid order cannot be confirmed, an unknown one not be paid", async () => {
  const order = newOrder();
  await client.createOrder({ order });
  await assert.rejects(client.confirmOrder({ orderId: order.id }), (e) => isReason(e, "ORDER_NOT_PAID"));
  const unknown = { orderId: newId(), payment: paid(newId()) };
  await assert.rejects(client.markPaid(unknown), (e) => isReason(e, "ORDER_NOT_FOUND"));
});

test("a payment does not bring back a cancelled order", async () => {
  const order = newOrder();
  await client.createOrder({ order });
  await client.updateStatus({ orderId: order.id, status: "cancelled" });
  const request = { orderId: order.id, payment: paid(order.payment.id) };
  await assert.rejects(client.markPaid(request), (e) => isReason(e, "STATUS_TRANSITION_INVALID"));
});

test("an abandoned order is in no list and under no id, also one that was paid", async () => {
  for (const isPaid of [false, true]) {
    const order = newOrder();
    await client.createOrder({ order });
    if (isPaid) await client.markPaid({ orderId: order.id, payment: paid(order.payment.id) });
    await Promise.all([1, 2].map(() => client.abandonOrder({ orderId: order.id, reason: "CARD_DECLINED" })));
    await assert.rejects(client.getOrder({ id: order.id }), (e) => isReason(e, "ORDER_NOT_FOUND"));
    const list = await client.listOrders({ userId: order.userId });
    assert.deepEqual([list.orders.length, list.total], [0, 0n]);
    for (const forward of [
      () => client.createOrder({ order }),
      () => client.markPaid({ orderId: order.id, payment: paid(order.payment.id) }),
      () => client.confirmOrder({ orderId: order.id }),
    ])
      await assert.rejects(forward(), (e) => isReason(e, "ORDER_ABANDONED"));
    assert.deepEqual(await topicsOf(order.id), []);
  }
});

test("an order abandoned before it was created cannot be created any more, in any race", async () => {
  const early = newOrder();
  await client.abandonOrder({ orderId: early.id });
  await assert.rejects(client.createOrder({ order: early }), (e) => isReason(e, "ORDER_ABANDONED"));
  for (let round = 0; round < 20; round += 1) {
    const order = newOrder();
    await Promise.allSettled([client.createOrder({ order }), client.abandonOrder({ orderId: order.id })]);
    await assert.rejects(client.getOrder({ id: order.id }), (e) => isReason(e, "ORDER_NOT_FOUND"));
  }
});

test("an order the world knows of ends in the open when it is abandoned", async () => {
  const { id } = await placed();
  await client.abandonOrder({ orderId: id, reason: "too late" });
  const { order } = await client.getOrder({ id });
  assert.equal(order?.status, "cancelled");
});

test("amounts, buyer and history of an order never change, not even by hand", async () => {
  const { id } = await placed();
  await assert.rejects(
    db.run("update orders set total_minor = 1, subtotal_minor = 1 where id = $1", [id]),
    /never change/,
  );
  await assert.rejects(db.run("update orders set user_id = $2 where id = $1", [id, newId()]), /never change/);
  await assert.rejects(db.run("delete from order_history where order_id = $1", [id]), /append-only/);
  await assert.rejects(
    db.run("update order_items set quantity = 9 where order_id = $1", [id]),
    /append-only/,
  );
});

test("a total that is not the sum of its parts is refused by the database itself", async () => {
  await assert.rejects(
    db.run(
      `insert into orders (id, order_number, user_id, email, status, currency, currency_decimals, subtotal_minor, discount_minor,
         shipping_minor, tax_minor, total_minor, shipping_address)
       values ($1, 'S-TEST', $1, '', 'pending', 'USD', 2, 100, 0, 0, 0, 99, '{}')`,
      [newId()],
    ),
    /check constraint/,
  );
  await assert.rejects(client.createOrder({ order: { ...newOrder(), totalAmount: usd(1n) } }));
});
