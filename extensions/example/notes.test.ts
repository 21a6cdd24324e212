import assert from "node:assert/strict";
import { it } from "node:test";
import { GiftNoteAttachedSchema } from "#gen/gifts/v1/gifts_pb.js";
import { UserService } from "#gen/stoa/user/v1/user_pb.js";
import { onEvent } from "#platform/database/events.ts";
import { defineExtension } from "#platform/kit/extension.ts";
import { defineService } from "#platform/kit/service.ts";
import { defineShop } from "#platform/kit/shop-file.ts";
import { openTestShop } from "#platform/testing/shop.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { shop } from "./testing/gift-shop.ts";

interface Session {
  readonly token: string;
  readonly user: { readonly id: string };
}

// Whoever prints the notes would be a service like this one.
const printed: string[] = [];
const printer = defineService({
  name: "printer",
  config: {},
  database: "printer_db",
  needs: {},
  create: () => ({
    inbox: [
      onEvent(GiftNoteAttachedSchema, async (_tx, { note }) => {
        printed.push(`${note?.orderNumber}: ${note?.text}`);
        return await Promise.resolve();
      }),
    ],
  }),
});
const withPrinter = {
  name: "printer",
  services: [{ name: "printer", hears: ["gift-note.attached"], load: () => Promise.resolve(printer) }],
  load: () => Promise.resolve(defineExtension({ name: "printer" })),
};

const staff = { email: "staff@example.com", password: "the keys of the colonnade" };
const { ask, running } = await openTestShop(
  defineShop({ ...shop.choices, extensions: [...shop.extensions, withPrinter] }),
  { environment: { ADMIN_EMAIL: staff.email, ADMIN_PASSWORD: staff.password } },
);
const { body: guest } = await ask<Session>("POST", "/api/users/guest", { body: {} });
const { body: admin } = await ask<Session>("POST", "/api/users/login", { body: staff });

const leave = async (text: string, token?: string) =>
  await ask<{ code?: string }>("PUT", "/api/gift-note", { body: { text }, token });
const listNotes = async () => {
  const { body } = await ask<{ items: unknown[] }>("GET", "/api/gift-notes", { token: admin.token });
  return body.items;
};
const place = async (token: string) => {
  const body = {
    items: [{ productId: "1YMWWN1N4O", quantity: 1 }],
    email: "ada@example.com",
    shippingAddress: {
      line1: "1 Main St",
      city: "New York",
      region: "NY",
      postalCode: "10001",
      country: "US",
    },
    payment: {
      type: "card",
      card: { number: "4242424242424242", expiryMonth: 12, expiryYear: 2040, cvc: "123" },
    },
  };
  const order = await ask<{ id: string; orderNumber: string }>("POST", "/api/orders", { body, token });
  assert.equal(order.status, 201);
  return order.body;
};

it("the last note that was left goes with the next order, once, and whoever hears of it is told", async () => {
  await leave("Happy birthday!", guest.token);
  assert.equal((await leave("Happy birthday, Grace!", guest.token)).status, 204);
  const { id, orderNumber } = await place(guest.token);
  await place(guest.token);
  await eventually("the note is printed", () => printed.length > 0);
  assert.deepEqual(printed, [`${orderNumber}: Happy birthday, Grace!`]);
  assert.deepEqual(await listNotes(), [{ orderId: id, orderNumber, text: "Happy birthday, Grace!" }]);
});

it("nobody leaves a note without a token or without words, and only the staff reads them", async () => {
  assert.equal((await leave("Hello")).status, 401);
  assert.equal((await leave("", guest.token)).body.code, "VALIDATION_FAILED");
  assert.equal((await leave("  ", guest.token)).body.code, "VALIDATION_FAILED");
  assert.equal((await ask("GET", "/api/gift-notes", { token: guest.token })).status, 403);
});

it("whoever is forgotten leaves no note behind", async () => {
  const email = "grace@example.com";
  const body = { email, password: "a long enough password", firstName: "Grace", lastName: "Hopper" };
  const { body: grace } = await ask<Session>("POST", "/api/users/register", { body });
  await leave("With love", grace.token);
  await place(grace.token);
  await eventually("the note has its order", async () => (await listNotes()).length === 2);
  await running.client(UserService, "user", "gifts").eraseUser({ email });
  await eventually("the note is gone", async () => (await listNotes()).length === 1);
});
