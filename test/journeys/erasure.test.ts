// A person is forgotten by every service, and the order that the law keeps stays.
import assert from "node:assert/strict";
import { it } from "node:test";
import { newRandomId } from "#platform/kit/ids.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { openBackEnd, orderRequest } from "../lab/whole-shop.ts";

it("after user erase no service but order knows the address of a guest who bought, and the books are sound", async () => {
  const shop = await openBackEnd();
  const userId = newRandomId();
  const email = "Grace.Hopper@example.com";
  await shop.cart.addItem({ userId, productId: "OLJCESPC7Z", quantity: 1 });
  const request = orderRequest({ userId, email, idempotencyKey: "erase" });
  const { order } = await shop.checkout.placeOrder(request);
  const orderId = order?.id ?? "";
  const amount = { currencyCode: "USD", minor: 100n };
  const refund = { orderId, amount, reason: "late", idempotencyKey: "erase" };
  await shop.order.refundOrder(refund);
  const counted = async (service: string, sql: string) =>
    (await shop.database(service).row<{ count: number }>(sql, [email]))?.count ?? 0;
  const mails = () =>
    counted("email", "select count(*)::int as count from mails where lower(recipient) = lower($1)");
  const attempts = () =>
    counted(
      "checkout",
      "select count(*)::int as count from checkouts c where lower(to_jsonb(c)::text) like '%' || lower($1) || '%'",
    );
  const answers = () =>
    counted(
      "order",
      "select count(*)::int as count from kept_answers where position(convert_to($1, 'UTF8') in answer) > 0",
    );
  await eventually("both mails are there", async () => (await mails()) === 2);
  assert.deepEqual([await attempts(), await answers()], [1, 1]);
  const answer = await shop.user.eraseUser({ email: email.toLowerCase() });
  assert.equal(answer.hadAccount, false);
  await eventually(
    "mails, attempt and answers are gone",
    async () => (await mails()) + (await attempts()) + (await answers()) === 0,
  );
  const kept = await shop.order.getOrder({ id: orderId });
  assert.equal(kept.order?.email, email);
  const others = ["fullName", "line1"].map((part) => `%${String(request.shippingAddress[part as "line1"])}%`);
  const remnants = await shop
    .database("checkout")
    .rows("select 1 from checkouts c where to_jsonb(c)::text like any($1)", [others]);
  assert.deepEqual(remnants, []);
  // What the person, or the staff for them, had sent and sends again is still not done again.
  await shop.cart.addItem({ userId, productId: "OLJCESPC7Z", quantity: 1 });
  const again = await shop.checkout.placeOrder(request);
  assert.deepEqual([again.order?.id, again.order?.email], [orderId, ""]);
  const refundedAgain = await shop.order.refundOrder(refund);
  assert.equal(refundedAgain.order?.payment?.refunded?.minor, 100n);
  const orders = await shop.database("order").rows("select 1 from orders");
  assert.equal(orders.length, 1);
  await shop.mustBeSound();
});

it("what an account began as a guest, under another address, is forgotten with the account", async () => {
  const shop = await openBackEnd();
  const account = { email: "grace@example.com", password: "a compiler of my own" };
  const { user } = await shop.user.register({ ...account, firstName: "Grace", lastName: "Hopper" });
  const guestId = newRandomId();
  const items = [{ productId: "OLJCESPC7Z", quantity: 1 }];
  await shop.checkout.placeOrder(orderRequest({ userId: guestId, items, email: "other@example.com" }));
  const checkout = shop.database("checkout");
  await checkout.run("insert into joined_guests (guest_id, user_id) values ($1, $2)", [guestId, user?.id]);
  const attempts = async () => (await checkout.rows("select 1 from checkouts")).length;
  assert.equal(await attempts(), 1);
  await shop.user.eraseUser({ email: account.email });
  await eventually("the attempt is gone", async () => (await attempts()) === 0);
  assert.deepEqual(await checkout.rows("select 1 from joined_guests"), []);
});
