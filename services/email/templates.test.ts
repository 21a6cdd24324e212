import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import fc from "fast-check";
import { OrderSchema } from "#gen/stoa/order/v1/order_pb.js";
import { mailOrderOf } from "./mail-order.ts";
import { loadWords, moneyText } from "./mail-shop.ts";
import { templates, type TemplateName } from "./templates.ts";
import { englishShop } from "./testing/english-shop.ts";

const shop = englishShop;
const usd = (minor: bigint) => ({ currencyCode: "USD", minor });
const nothing = { refunded: undefined, reason: "" };
const fields: MessageInitShape<typeof OrderSchema> & { id: string } = {
  id: "0190a000-0000-7000-8000-000000000001",
  orderNumber: "S-1001",
  items: [{ name: "Tideline Mug", quantity: 2, subtotal: usd(179_800n) }],
  subtotal: usd(179_800n),
  discount: usd(0n),
  shippingCost: usd(899n),
  tax: usd(0n),
  totalAmount: usd(180_699n),
  shippingAddress: {
    fullName: "Ada",
    line1: "12 Elm St",
    city: "Ottawa",
    postalCode: "K1A 0B1",
    country: "CA",
  },
  trackingNumber: "AB-44123-221234567",
};
const order = create(OrderSchema, fields);

test("a confirmation tells number, items, sums, address, tracking number and a link, in both forms", () => {
  const { subject, html, text } = templates["order-confirmation"](mailOrderOf(order), shop, nothing);
  assert.equal(subject, "Your order S-1001 at Stoa");
  for (const form of [html, text]) {
    for (const part of [
      /S-1001/,
      /2 [x×] Tideline Mug/,
      /\$1,798\.00/,
      /\$8\.99/,
      /\$1,806\.99/,
      /Ottawa K1A 0B1/,
      /AB-44123-221234567/,
    ])
      assert.match(form, part);
    assert.ok(form.includes(`https://shop.example/orders/${order.id}`));
    assert.doesNotMatch(form, /Discount|Tax/, "sums of nothing are left out");
  }
});

test("after a refund, mails tell what was refunded in all and what remains; a cancel tells what goes back", () => {
  const refunded = mailOrderOf(
    create(OrderSchema, { ...fields, refundedAmount: usd(699n), netAmount: usd(180_000n) }),
  );
  const mail = templates["order-refunded"](refunded, shop, { refunded: usd(500n), reason: "" });
  for (const form of [mail.html, mail.text]) {
    assert.match(form, /We are sending \$5\.00/);
    assert.match(form, /Of \$1,806\.99, \$6\.99 was refunded in all; \$1,800\.00 remains/);
  }
  const { text } = templates["order-shipped"](refunded, shop, nothing);
  assert.match(text, /Refunded +\$6\.99\nAfter refunds +\$1,800\.00/);
  const cancelled = create(OrderSchema, { ...fields, status: "cancelled", netAmount: usd(180_699n) });
  assert.match(
    templates["order-cancelled"](mailOrderOf(cancelled), shop, nothing).text,
    /sending \$1,806\.99/,
  );
});

test("a mail says where to write for help if the shop says so", () => {
  const helpful = { ...shop, supportEmail: "help@shop.example" };
  const { html, text } = templates["order-confirmation"](mailOrderOf(order), helpful, nothing);
  assert.match(html, /<a href="mailto:help@shop\.example">help@shop\.example<\/a>/);
  assert.match(text, /^Questions\? help@shop\.example$/m);
  const silent = templates["order-confirmation"](mailOrderOf(order), shop, nothing);
  assert.doesNotMatch(silent.html + silent.text, /Questions|mailto/);
});

const amounts: [currencyCode: string, minor: bigint, shown: string][] = [
  ["USD", 179_800n, "$1,798.00"],
  ["EUR", 179_800n, "€1,798.00"],
  ["JPY", 1_798n, "¥1,798"],
  ["KWD", 1_798_250n, "KWD\u00a01,798.250"],
  // Intl itself would show these without decimals.
  ["IDR", 179_850n, "IDR\u00a01,798.50"],
  ["HUF", 179_850n, "HUF\u00a01,798.50"],
];
for (const [currencyCode, minor, shown] of amounts)
  test(`a mail shows ${shown} with the decimals that are charged`, () => {
    assert.equal(moneyText(shop, { currencyCode, minor }), shown);
  });

test("each mail is about its occasion", () => {
  const refunded = { refunded: { currencyCode: "JPY", minor: 1500n }, reason: "It was chipped." };
  const subjects = (Object.keys(templates) as TemplateName[]).map((name) =>
    templates[name](mailOrderOf(order), shop, refunded),
  );
  assert.equal(new Set(subjects.map(({ subject }) => subject)).size, 6);
  const { text } = templates["order-refunded"](mailOrderOf(order), shop, refunded);
  assert.match(text, /¥1,500 .*\n.*It was chipped\./);
});

test("a German shop writes German mails, with amounts and countries as Germans write them", async () => {
  const german = { ...shop, words: await loadWords("de-DE", []) };
  const { subject, html, text } = templates["order-confirmation"](mailOrderOf(order), german, nothing);
  assert.equal(subject, "Ihre Bestellung S-1001 bei Stoa");
  assert.match(html, /<html lang="de-DE">/);
  for (const form of [html, text])
    for (const part of [
      /Vielen Dank/,
      /Zwischensumme/,
      /1\.806,99\s\$/,
      /Kanada/,
      /Bestellung S-1001 ansehen/,
    ])
      assert.match(form, part);
  assert.doesNotMatch(html + text, /Thank|Shipping|Your/, "no English is left");
});

test("nothing that comes from outside becomes markup, a header or a control character", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constant("<script>alert(1)</script>\r\nBcc: eve@example.com"),
  );
  fc.assert(
    fc.property(text, fc.constantFrom(...(Object.keys(templates) as TemplateName[])), (evil, name) => {
      const hostile = mailOrderOf(
        create(OrderSchema, {
          ...fields,
          id: evil,
          orderNumber: evil,
          trackingNumber: evil,
          items: [{ name: evil, quantity: 1, subtotal: usd(1n) }],
          shippingAddress: { line1: evil },
        }),
      );
      const mail = templates[name](hostile, { ...shop, name: evil }, { refunded: usd(1n), reason: evil });
      assert.doesNotMatch(mail.subject, /[\p{Cc}]/u);
      assert.doesNotMatch(mail.html, /<script|[^\P{Cc}\n\t]/u);
      assert.doesNotMatch(mail.text, /[^\P{Cc}\n\t]/u);
    }),
    { numRuns: 500 },
  );
});
