// A picture of a merchant: from the API to the page of its product, and into the browser.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { openTestShop } from "#platform/testing/shop.ts";
import { newId, randomCode } from "#platform/kit/ids.ts";
import { admin, openShop } from "./open-shop.ts";
import { Shopper } from "./shopper.ts";
import { shop as shopFile } from "../../shop.ts";
import { StoaClient } from "../../gen/rest/client.ts";
import { ApiProblem } from "../../gen/rest/rest-client.ts";

const folder = mkdtempSync(join(tmpdir(), "stoa-pictures-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const shop = await openShop({}, { environment: { FILES_FOLDER: folder } });
const nobody = new StoaClient({ baseUrl: shop.origin });
const { token } = await nobody.loginUser({ body: admin });
const staff = nobody.withToken(token);

/** The smallest picture there is, and as many bytes after it as make it this large. */
function pictureOf(size: number): Uint8Array<ArrayBuffer> {
  const gif = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");
  const bytes = new Uint8Array(Math.max(size, gif.length));
  bytes.set(gif);
  return bytes;
}

async function refusalOf(promise: Promise<unknown>): Promise<[number, string]> {
  const error: unknown = await promise.then(
    () => assert.fail("it was not refused"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ApiProblem, String(error));
  return [error.status, error.code];
}

test("a picture is uploaded, given to a product, shown on its page, and fetched by the browser as it was", async () => {
  const body = pictureOf(3_000);
  const kept = await staff.storeFile({ body, contentType: "image/gif" });
  assert.match(kept.url, /^\/files\/[0-9a-f]{64}\.gif$/);
  assert.deepEqual([kept.name, kept.mediaType, kept.size], [kept.url.slice(7), "image/gif", 3_000]);
  const product = await staff.createProduct({
    body: {
      name: `Pictured ${randomCode(8)}`,
      description: "",
      price: { amount: "5.00", currencyCode: "USD" },
      category: "kitchen",
      imageUrl: kept.url,
      stockQuantity: 3,
    },
  });
  assert.equal(product.imageUrl, kept.url);
  const page = await new Shopper(shop.origin).get(`/product/${product.slug}`);
  assert.equal(page.status, 200);
  const [, source] = /<img[^>]* src="(\/files\/[^"]+)"/.exec(page.text) ?? [];
  assert.equal(source, kept.url);
  const answer = await fetch(shop.origin + source);
  assert.equal(answer.status, 200);
  assert.deepEqual(new Uint8Array(await answer.arrayBuffer()), body);
  const wanted = {
    "content-type": "image/gif",
    "cache-control": "public, max-age=31536000, immutable",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    etag: `"${kept.name}"`,
    "set-cookie": null,
  };
  for (const [name, value] of Object.entries(wanted)) assert.equal(answer.headers.get(name), value, name);
  const again = await fetch(shop.origin + source, { headers: { "if-none-match": `W/"x", "${kept.name}"` } });
  assert.deepEqual([again.status, await again.text()], [304, ""]);
  const head = await fetch(shop.origin + source, { method: "HEAD" });
  assert.deepEqual([head.status, head.headers.get("content-length")], [200, "3000"]);
  assert.deepEqual(await nobody.getFile({ path: { name: kept.name } }), body);
});

test("a storefront at an address of its own shows pictures too", async () => {
  const kept = await staff.storeFile({ body: pictureOf(800), contentType: "image/gif" });
  const { origin } = await openTestShop(shopFile, {
    isWanted: (service) => service === "storefront",
    shop: { isEmbedded: false, apiUrl: () => shop.origin },
  });
  const answer = await fetch(origin + kept.url);
  assert.deepEqual(new Uint8Array(await answer.arrayBuffer()), pictureOf(800));
  for (const name of ["content-type", "cache-control", "content-security-policy", "etag"])
    assert.equal(answer.headers.get(name), (await fetch(shop.origin + kept.url)).headers.get(name), name);
  assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
  const again = await fetch(origin + kept.url, { headers: { "if-none-match": `"${kept.name}"` } });
  assert.equal(again.status, 304);
  for (const path of ["/files/x.gif", "/files/a/b", "/files/"])
    assert.equal((await fetch(origin + path)).status, 404, path);
});

test("the same picture has the same address, with a key or without", async () => {
  const request = { body: pictureOf(500), contentType: "image/gif" } as const;
  const first = await staff.storeFile(request);
  assert.deepEqual(await staff.storeFile(request), first);
  const keyed = { ...request, idempotencyKey: newId() };
  assert.deepEqual([await staff.storeFile(keyed), await staff.storeFile(keyed)], [first, first]);
  const other = { ...keyed, body: pictureOf(501) };
  assert.deepEqual(await refusalOf(staff.storeFile(other)), [422, "IDEMPOTENCY_KEY_REUSED"]);
});

test("only admins upload; type and size are looked at before and after, in this order", async () => {
  const request = { body: pictureOf(600), contentType: "image/gif" } as const;
  assert.deepEqual(await refusalOf(nobody.storeFile(request)), [401, "TOKEN_REQUIRED"]);
  const guest = nobody.withToken((await nobody.createGuest()).token);
  assert.deepEqual(await refusalOf(guest.storeFile(request)), [403, "ADMIN_REQUIRED"]);
  const send = async (body: Uint8Array<ArrayBuffer> | string, contentType: string, more: object = {}) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": contentType, ...more };
    const answer = await fetch(`${shop.origin}/api/files`, { method: "POST", body, headers });
    const { code, detail } = (await answer.json()) as { code: string; detail: string };
    return { status: answer.status, code, detail };
  };
  for (const type of ["application/json", "image/svg+xml", "text/plain", "multipart/form-data; boundary=x"]) {
    const { status, code, detail } = await send(pictureOf(10), type);
    assert.deepEqual([status, code], [415, "MEDIA_TYPE_UNSUPPORTED"], type);
    assert.match(detail, /image\/png, image\/jpeg, image\/webp, image\/avif, image\/gif/);
  }
  const packed = await send(pictureOf(10), "image/gif", { "content-encoding": "gzip" });
  assert.deepEqual([packed.status, packed.code], [415, "MEDIA_TYPE_UNSUPPORTED"]);
  for (const [body, type] of [
    [pictureOf(10), "image/png"],
    ["<svg xmlns='http://www.w3.org/2000/svg'/>", "image/png"],
    ["", "image/png"],
  ] as const) {
    const { status, code } = await send(body, type);
    assert.deepEqual([status, code], [415, "FILE_TYPE_UNSUPPORTED"]);
  }
  const large = await send(pictureOf(1024 * 1024 + 1), "image/gif");
  assert.deepEqual([large.status, large.code], [413, "PAYLOAD_TOO_LARGE"]);
  assert.match(large.detail, /larger than 1024 KiB/);
  assert.equal((await staff.storeFile({ ...request, body: pictureOf(1024 * 1024) })).size, 1024 * 1024);
  // Nobody else's body became larger, or anything but JSON.
  const product = await fetch(`${shop.origin}/api/products`, {
    method: "POST",
    body: pictureOf(100),
    headers: { authorization: `Bearer ${token}`, "content-type": "image/gif" },
  });
  assert.equal(product.status, 415);
});

test("what is no file is 404 and may not be kept; other methods are 405", async () => {
  for (const name of ["x", `${"0".repeat(64)}.png`, "..%2f..%2fetc%2fpasswd", "%00", "a.svg"]) {
    const answer = await fetch(`${shop.origin}/files/${name}`);
    assert.equal(answer.status, 404, name);
    assert.equal(answer.headers.get("cache-control"), "no-store");
  }
  const post = await fetch(`${shop.origin}/files/x`, { method: "POST" });
  assert.deepEqual([post.status, post.headers.get("allow")], [405, "GET, HEAD"]);
});

test("in maintenance pictures are shown, for the admins who look at pages", async () => {
  const { url } = await staff.storeFile({ body: pictureOf(700), contentType: "image/gif" });
  shop.flags.set("MAINTENANCE_MODE", true);
  const answer = await fetch(shop.origin + url);
  shop.flags.set("MAINTENANCE_MODE", false);
  assert.equal(answer.status, 200);
});

test("a category in any script, and a product just made, are on their pages at once; a category that went is not", async () => {
  const shopper = new Shopper(shop.origin);
  assert.equal((await shopper.get("/")).status, 200);
  const address = (slug: string) => `/category/${encodeURIComponent(slug)}`;
  assert.equal((await shopper.get(address("茶具"))).status, 404);
  const price = { amount: "19.00", currencyCode: "USD" };
  const body = { name: "Łódź Чайник", description: "", price, category: "茶具", stockQuantity: 3 };
  const product = await staff.createProduct({ body });
  assert.deepEqual([product.slug, product.category], ["lodz-чайник", "茶具"]);
  const page = await shopper.get(address("茶具"));
  assert.equal(page.status, 200);
  const link = `/product/lodz-${encodeURIComponent("чайник")}`;
  assert.ok(page.text.includes(`href="${link}"`));
  const shown = await shopper.get(link);
  assert.ok(shown.text.includes(`href="${address("茶具")}">茶具</a>`));
  assert.equal((await nobody.getProduct({ path: { id: product.slug } })).id, product.id);

  const tea = await staff.createCategory({ body: { name: "Чай" } });
  assert.equal((await shopper.get(address("чай"))).status, 200);
  const below = { parentId: tea.id, name: "Посуда", slug: "посуда", position: 0 };
  const moved = await staff.updateCategory({ path: { id: "茶具" }, body: below });
  assert.deepEqual([moved.parentId, moved.slug], [tea.id, "посуда"]);
  assert.equal((await shopper.get(address("посуда"))).status, 200);
  assert.equal((await shopper.get(address("茶具"))).status, 404);
  assert.equal((await nobody.getCategory({ path: { id: "чай" } })).productCount, 1);
  const circle = staff.updateCategory({ path: { id: tea.id }, body: { parentId: moved.id } });
  assert.deepEqual(await refusalOf(circle), [409, "CATEGORY_CYCLE"]);
  assert.deepEqual(await refusalOf(nobody.createCategory({ body: { name: "X" } })), [401, "TOKEN_REQUIRED"]);
  await staff.deleteCategory({ path: { id: moved.id } });
  assert.equal((await shopper.get(address("посуда"))).status, 404);
  assert.equal((await nobody.getProduct({ path: { id: product.id } })).category, "чай");
});
