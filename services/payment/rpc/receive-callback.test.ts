import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "#platform/kit/clock.ts";
import { Secret } from "#platform/kit/config.ts";
import { isKind, isReason } from "#platform/kit/errors.ts";
import { setFailpoints } from "#platform/kit/failpoint.ts";
import { newId } from "#platform/kit/ids.ts";
import { testServices } from "#platform/testing/services.ts";
import { PaymentService } from "#gen/stoa/payment/v1/payment_pb.js";
import { payment } from "../service.ts";
import { ProviderSimulator } from "../simulator.ts";
import {
  bareRef,
  callbackSecret,
  card,
  openPayments,
  signedCallback,
  usd,
} from "../testing/open-payments.ts";

const { shop, client, db, captured, authorize, callBack } = await openPayments();
const provider = new ProviderSimulator({ db, clock: systemClock, delayMs: 0 });

/** Every table of ours that a callback may touch. */
async function allBooks(): Promise<string> {
  const tables = ["payments", "payment_refunds", "ledger_entries", "provider_callbacks"];
  const texts = await Promise.all(
    tables.map((table) => db.rows(`select t::text as text from ${table} t order by text`)),
  );
  return JSON.stringify(texts);
}

/** A payment that was voided at the provider without our hearing of it: a callback that is believed would show. */
async function voidedBehindOurBack(): Promise<string> {
  const { paymentId } = await authorize();
  await provider.void(bareRef(paymentId));
  return paymentId;
}

test("a callback that is forged, unsigned, old, of the future or changed is refused and changes nothing", async () => {
  const paymentId = await voidedBehindOurBack();
  const content = { id: newId(), type: "payment.voided", paymentId };
  const good = signedCallback(content);
  const at = (seconds: number) =>
    signedCallback(content, callbackSecret, new Date(systemClock.now().getTime() + seconds * 1000));
  const [time = "", hash = ""] = good.signature.split(",");
  const before = await allBooks();
  const forged = [
    signedCallback(content, new Secret("a-key-that-the-provider-does-not-have-00")),
    { body: good.body, signature: "" },
    { body: good.body, signature: time },
    { body: good.body, signature: `${time},v1=` },
    { body: good.body, signature: `${time},v1=${"0".repeat(64)}` },
    { body: good.body, signature: `${time},v1=${hash.slice(3, -1)}` },
    { body: good.body, signature: `${time},${hash.toUpperCase()}` },
    { body: good.body, signature: `${good.signature}, ${good.signature}` },
    { body: good.body, signature: `t=${Number(time.slice(2)) + 1},${hash}` },
    { body: Buffer.concat([good.body, Buffer.from(" ")]), signature: good.signature },
    { body: new Uint8Array(), signature: good.signature },
    at(-310),
    at(310),
    signedCallback({ ...content, filler: "x".repeat(64 * 1024) }),
  ];
  for (const [index, callback] of forged.entries())
    await assert.rejects(
      client.receiveCallback(callback),
      (e) => isReason(e, "CALLBACK_INVALID") && isKind(e, "unauthenticated"),
      `callback ${index}`,
    );
  assert.equal(await allBooks(), before);
  await client.receiveCallback(at(-290));
  assert.equal((await client.getPayment({ paymentId })).payment?.status, "voided");
});

test("a signed callback that is not understood is refused by field and changes nothing", async () => {
  const paymentId = await voidedBehindOurBack();
  const good = { id: newId(), type: "payment.voided", paymentId };
  const before = await allBooks();
  const odd = [
    "",
    "null",
    "[]",
    "{",
    "7",
    { ...good, id: "" },
    { ...good, id: 7 },
    { ...good, id: "x".repeat(256) },
    { ...good, id: "a\0" },
    { ...good, type: undefined },
    { ...good, paymentId: "1" },
    { ...good, paymentId: [paymentId] },
  ];
  for (const content of odd)
    await assert.rejects(client.receiveCallback(signedCallback(content)), (e) =>
      isReason(e, "VALIDATION_FAILED"),
    );
  assert.equal(await allBooks(), before);
});

test("a payment that the provider does not know changes nothing", async () => {
  const before = await allBooks();
  await callBack(newId(), "captured");
  assert.equal(await allBooks(), before);
});

test("a callback sent again does no work; sent ten times at once it is noted once", async () => {
  const { paymentId } = await captured();
  const id = newId();
  await Promise.all(Array.from({ length: 10 }, () => callBack(paymentId, "captured", id)));
  const before = await allBooks();
  let asked = 0;
  setFailpoints((name) => {
    if (name.startsWith("payment.callback")) asked += 1;
  });
  await callBack(paymentId, "captured", id);
  setFailpoints(undefined);
  assert.equal(asked, 0);
  assert.equal(await allBooks(), before);
  assert.equal(before.split(id).length - 1, 1);
});

test("amounts and states in the body are not believed", async () => {
  const { paymentId } = await authorize(1_000n);
  const lie = {
    amount: 5,
    captured: 1_000,
    capturedMinor: 1_000,
    refunds: [{ amount: 1_000 }],
    isVoided: true,
  };
  await client.receiveCallback(signedCallback({ id: newId(), type: "payment.captured", paymentId, ...lie }));
  const { payment: known } = await client.getPayment({ paymentId });
  assert.deepEqual([known?.status, known?.captured?.minor], ["authorized", 0n]);
});

test("a void at the provider's side shows in our books, and nothing is captured afterwards", async () => {
  const paymentId = await voidedBehindOurBack();
  await callBack(paymentId, "voided");
  assert.equal((await client.getPayment({ paymentId })).payment?.status, "voided");
  await assert.rejects(client.capture({ paymentId }), (e) => isReason(e, "PAYMENT_CANCELLED"));
});

test("a refund at the provider's side shows in our books, and only the rest can be given back", async () => {
  const { paymentId } = await captured(1_000n);
  await provider.refund(bareRef(paymentId), newId(), usd(400n));
  await callBack(paymentId, "refunded");
  const { payment: known } = await client.getPayment({ paymentId });
  assert.deepEqual([known?.status, known?.refunded?.minor], ["partially_refunded", 400n]);
  await assert.rejects(client.refund({ paymentId, refundId: newId(), amount: usd(601n) }), (e) =>
    isReason(e, "REFUND_EXCEEDS_CAPTURED"),
  );
  await client.refund({ paymentId, refundId: newId(), amount: usd(600n) });
});

test("a payment whose record was lost is known after its callback", async () => {
  const order = { paymentId: newId(), orderId: newId(), amount: usd(100n), card: card("4000000000000259") };
  await assert.rejects(client.authorize(order), (e) => isKind(e, "deadline_exceeded"));
  await callBack(order.paymentId, "authorized");
  assert.equal((await client.getPayment({ paymentId: order.paymentId })).payment?.status, "authorized");
});

test("notes older than a month are forgotten, others stay", async () => {
  const { paymentId } = await captured();
  const [old, young] = [await callBack(paymentId, "captured"), await callBack(paymentId, "captured")];
  await db.run(
    "update provider_callbacks set received_at = now() - interval '31 days' where callback_id = $1",
    [old],
  );
  const job = shop.services[0]?.parts.jobs?.find(({ name }) => name === "forget-callbacks");
  await (job ?? assert.fail("no job")).run(new AbortController().signal);
  const left = JSON.stringify(await db.rows("select callback_id from provider_callbacks"));
  assert.deepEqual([left.includes(old), left.includes(young)], [false, true]);
});

test("without a setting the whole shop has a key of its own, which is not the one of another shop", async () => {
  const unset = (await testServices([payment])).as(PaymentService, "payment");
  const callback = signedCallback({ id: newId(), type: "payment.voided", paymentId: newId() });
  await assert.rejects(unset.receiveCallback(callback), (e) => isReason(e, "CALLBACK_INVALID"));
  const short = testServices([payment], { environment: { PAYMENT_CALLBACK_SECRET: "short" } });
  await assert.rejects(short, /PAYMENT_CALLBACK_SECRET must have at least 32 characters/);
});
