import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { it } from "node:test";
import { PaymentService } from "#gen/stoa/payment/v1/payment_pb.js";
import { newId } from "#platform/kit/ids.ts";
import { openApi, type SendOptions } from "./open-api.ts";

const secret = "what-only-the-provider-and-the-shop-know";
const api = await openApi({
  services: ["user", "payment", "gateway"],
  rateLimits: true,
  environment: { PAYMENT_CALLBACK_SECRET: secret, GATEWAY_ADDRESS_REQUESTS_PER_MINUTE: "100" },
});
const payments = api.running.client(PaymentService, "payment", "checkout");
const path = "POST /api/payments/callbacks";

/** Signed as the documentation says, with nothing of ours. */
function signatureOf(body: string, key = secret): { "stoa-signature": string } {
  const seconds = Math.floor(Date.now() / 1000);
  const hash = createHmac("sha256", key).update(`${seconds}.${body}`).digest("hex");
  return { "stoa-signature": `t=${seconds},v1=${hash}` };
}

async function send(body: string, options: SendOptions = {}) {
  return await api.send(path, { body, headers: signatureOf(body), ...options });
}

/** Held at the provider, while its answer was lost: known to us only by a callback. */
async function lostPayment(): Promise<string> {
  const paymentId = newId();
  const card = { number: "4000000000000259", expiryMonth: 12, expiryYear: 2040, cvc: "123" };
  const amount = { currencyCode: "USD", minor: 500n };
  await assert.rejects(payments.authorize({ paymentId, orderId: newId(), amount, card }));
  return paymentId;
}

it("a signed callback is taken byte for byte, 204, and shows in the books; a token is neither needed nor looked at", async () => {
  const paymentId = await lostPayment();
  const body = `{ "paymentId":"${paymentId}",\n  "type":"payment.authorized", "id":"${newId()}", "amount":1e3, "é":"\\u00e9" }`;
  for (const options of [{}, { token: "a.b.c" }]) {
    const answer = await send(body, options);
    assert.equal(answer.status, 204, answer.text);
    assert.equal(answer.text, "");
  }
  assert.equal((await payments.getPayment({ paymentId })).payment?.status, "authorized");
});

it("a forged, unsigned or changed callback is 401 and changes nothing", async () => {
  const paymentId = await lostPayment();
  const body = JSON.stringify({ id: newId(), type: "payment.authorized", paymentId });
  const headers = signatureOf(body, "some-other-key-of-somebody-else-entirely");
  for (const forged of [send(body, { headers: {} }), send(body, { headers }), api.send(path)]) {
    const { status, json } = await forged;
    assert.deepEqual([status, json.code], [401, "CALLBACK_INVALID"]);
  }
  const changed = await api.send(path, { body: `${body} `, headers: signatureOf(body) });
  assert.equal(changed.status, 401);
  await assert.rejects(payments.getPayment({ paymentId }), /PAYMENT_NOT_FOUND/);
});

it("size and type are refused as everywhere, and a signed body that says nothing is 400", async () => {
  const body = JSON.stringify({ id: newId(), type: "payment.voided", paymentId: newId() });
  assert.equal((await send(body.padEnd(64 * 1024))).status, 204);
  assert.equal((await send(body.padEnd(64 * 1024 + 1))).json.code, "PAYLOAD_TOO_LARGE");
  const headers = { ...signatureOf(body), "content-type": "text/plain" };
  assert.equal((await send(body, { headers })).json.code, "MEDIA_TYPE_UNSUPPORTED");
  for (const odd of ["{", "null", "{}"]) {
    const answer = await send(odd);
    assert.deepEqual([answer.status, answer.json.code], [400, "VALIDATION_FAILED"]);
  }
});

it("an address that calls too often meets 429, also with good signatures", async () => {
  const body = JSON.stringify({ id: newId(), type: "payment.voided", paymentId: newId() });
  const statuses: number[] = [];
  for (let times = 0; times < 101; times += 1)
    statuses.push((await send(body, { address: "198.51.100.9" })).status);
  assert.deepEqual([statuses.filter((status) => status === 204).length, statuses.at(-1)], [100, 429]);
});
