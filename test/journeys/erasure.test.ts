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
  const { order } = await shop.checkout.placeOrder(orderRequest({ userId, email, idempotencyKey: "erase" }));
  const counted = async (service: string, sql: string) =>
    (await shop.database(service).row<{ count: number }>(sql, [email]))?.count ?? 0;
  const mails = () =>
    counted("email", "select count(*)::int as count from mails where lower(recipient) = lower($1)");
  const attempts = () =>
    counted(
      "checkout",
      "select count(*)::int as count from checkouts where lower(purchase::text) like '%' || lower($1) || '%'",
    );
  await eventually("the mail is there", async () => (await mails()) === 1);
  assert.equal(await attempts(), 1);
  const answer = await shop.user.eraseUser({ email: email.toLowerCase() });
  assert.equal(answer.hadAccount, false);
  await eventually("mail and attempt are gone", async () => (await mails()) + (await attempts()) === 0);
  const kept = await shop.order.getOrder({ id: order?.id ?? "" });
  assert.equal(kept.order?.email, email);
  await shop.mustBeSound();
});
