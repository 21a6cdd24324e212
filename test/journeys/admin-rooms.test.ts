// A room that an extension adds to the admin: for the staff alone, under the policy of the house.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Type } from "@fastify/type-provider-typebox";
import { add, defineExtension } from "#platform/kit/extension.ts";
import { page, redirect } from "#platform/web/answer.ts";
import { html } from "#platform/web/html.ts";
import { adminPages } from "../../services/admin/extension.ts";
import { admin, openShop } from "./open-shop.ts";
import { Shopper } from "./shopper.ts";

let asked = 0;
const desk = defineExtension({
  name: "desk",
  adds: [
    add(adminPages, {
      name: "desk",
      messages: new URL("./desk-messages/", import.meta.url),
      pages: [
        {
          method: "GET",
          path: "/",
          page: async ({ words, user, ask, request }) => {
            asked += 1;
            const { total } = await ask("listOrders", { query: { limit: 1 } });
            const health = await request(Type.Object({ status: Type.String() }), "GET", "/api/health");
            const body = html`<h1>${words.text("title")}</h1>
              <p>${words.text("facts", { total, status: health.status, email: user.email })}</p>
              <form method="post"><input name="note" value="${"<b>"}" /></form>`;
            const headers = { "content-security-policy": "default-src *", "x-desk": "1" };
            return page(words.text("title"), body, { headers: { ...headers, "Cache-Control": "public" } });
          },
        },
        {
          method: "POST",
          path: "/",
          page: ({ form }) => redirect(`/admin/desk/${encodeURIComponent(form.get("note") ?? "")}`),
        },
        {
          method: "GET",
          path: "/:note",
          page: async ({ params, request }) => {
            const id = params["note"] ?? "";
            await request(Type.Unknown(), "GET", "/api/orders/{id}", { path: { id } });
            return redirect("/admin");
          },
        },
        {
          method: "GET",
          path: "/wrong/answer",
          page: async ({ request }) => {
            const { status } = await request(Type.Object({ status: Type.Integer() }), "GET", "/api/health");
            return page("Health", html`${status}`);
          },
        },
        { method: "GET", path: "/broken/page", page: () => Promise.reject(new Error("The desk fell over.")) },
      ],
    }),
  ],
});
const shop = await openShop({}, { extensions: [desk] });

async function staff(): Promise<Shopper> {
  const shopper = new Shopper(shop.origin);
  await shopper.post("/admin/login", admin);
  return shopper;
}

test("the room stands in the side bar, knows who asks, and asks house and extensions in their name", async () => {
  const manager = await staff();
  assert.match((await manager.get("/admin")).text, /<a href="\/admin\/desk"\s*>The desk<\/a>/);
  const { status, text } = await manager.get("/admin/desk");
  assert.equal(status, 200);
  assert.match(text, /<title>The desk · Stoa admin<\/title>/);
  assert.match(text, /<p>0 orders, the shop is ok, says admin@example\.com<\/p>/);
  assert.match(text, /<a href="\/admin\/desk"\s+aria-current="page">The desk/);
  assert.match(text, /value="&lt;b&gt;"/);
});

test("what a page may load and who may keep it stays the house's to say", async () => {
  const manager = await staff();
  const [own, room] = [await manager.get("/admin/mail"), await manager.get("/admin/desk")];
  for (const header of ["content-security-policy", "cache-control", "x-frame-options"])
    assert.equal(room.headers[header], own.headers[header], header);
  assert.match(String(room.headers["content-security-policy"]), /^default-src 'none'/);
  assert.equal(room.headers["x-desk"], "1");
});

test("forms arrive, and those of other sites do not", async () => {
  const manager = await staff();
  const done = await manager.post("/admin/desk", { note: "hello" }, { origin: shop.origin });
  assert.deepEqual([done.status, done.headers["location"]], [302, "/admin/desk/hello"]);
  const foreign = await manager.post("/admin/desk", { note: "x" }, { origin: "https://evil.example" });
  assert.equal(foreign.status, 403);
});

test("strangers and customers get in nowhere, and no page of the room runs for them", async () => {
  const before = asked;
  const stranger = new Shopper(shop.origin);
  const door = await stranger.get("/admin/desk");
  assert.deepEqual([door.status, door.headers["location"]], [302, "/admin/login?next=%2Fadmin%2Fdesk"]);
  assert.equal((await stranger.post("/admin/desk", { note: "x" })).status, 302);
  const customer = { email: "curious@example.com", password: "a long enough password" };
  await stranger.post("/account/register", { ...customer, firstName: "Cu", lastName: "Rious" });
  const refused = await stranger.get("/admin/desk");
  assert.equal(refused.status, 403);
  assert.doesNotMatch(refused.text, /The desk<\/h1>/);
  assert.equal(asked, before);
});

test("what the API refuses, and what breaks, becomes a page of the admin that tells nothing", async () => {
  const manager = await staff();
  const missing = await manager.get("/admin/desk/00000000-0000-4000-8000-000000000000");
  assert.equal(missing.status, 404);
  assert.equal((await manager.get("/admin/desk/wrong/answer")).status, 500);
  const broken = await manager.get("/admin/desk/broken/page");
  assert.equal(broken.status, 500);
  assert.doesNotMatch(broken.text, /fell over/);
});
