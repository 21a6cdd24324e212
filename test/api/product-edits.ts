// How products are edited over REST: what an edit may not lose, whom it may not overwrite, and what it may not make of another.
import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { optionsKey } from "../../services/catalog/variant-options.ts";
import { isReservedSlug } from "../../services/catalog/reserved-slug.ts";
import { apiEndpoints } from "../../services/gateway/api.ts";
import type { Answer, ApiUnderTest } from "./open-api.ts";

export interface Shop {
  readonly api: ApiUnderTest;
  /** An admin's token. */
  readonly admin: string;
  readonly product: (fields?: object) => Promise<{ id: string }>;
  readonly cartWith: (token: string, productId: string, quantity?: number) => Promise<void>;
  readonly requireCode: (answer: Answer, status: number, code: string) => void;
  /** An order of the caller's cart, but for its items. */
  readonly purchase: { readonly shippingAddress: object };
}

let skus = 0;
const newSku = () => `EDITED-${(skus += 1)}`;

function shirt() {
  const stock = { stockQuantity: 4 };
  const price = (amount: string) => ({ amount, currencyCode: "USD" });
  const sizes = [
    { sku: newSku(), options: { size: "S" }, price: price("5.00"), ...stock },
    { sku: newSku(), options: { size: "M" }, price: price("50.00"), ...stock },
  ];
  return { name: "Shirt", price: price("5.00"), stockQuantity: undefined, variants: sizes };
}

/** Declares the tests, to run in a shop that is open. */
export function productEdits(shop: Shop): void {
  retiredVariants(shop);
  roundTrips(shop);
  conditionalEdits(shop);
  refusedLikenesses(shop);
  reservedWords();
  identities(shop);
}

function retiredVariants({ api, admin, product, cartWith, requireCode, purchase }: Shop): void {
  it("a variant that is retired while it is bought is never another one: not in cart, quote or order, and its units come back to it", async () => {
    const { token } = await api.guest();
    const { id } = await product(shirt());
    const path = `/api/products/${id}`;
    const [small, medium] = (await api.send(`GET ${path}`)).json.variants;
    assert.equal(small.id, id);
    const items = [{ productId: id, quantity: 1 }];
    const bought = await api.send("POST /api/orders", { token, body: { ...purchase, items } });
    assert.equal(bought.json.items[0].variantId, id);
    await cartWith(token, id, 2);
    const quote = (
      await api.send("POST /api/checkout/quote", {
        token,
        body: { shippingAddress: purchase.shippingAddress },
      })
    ).json;
    const xxl = {
      sku: newSku(),
      options: { size: "XXL" },
      price: { amount: "1.00", currencyCode: "USD" },
      stockQuantity: 9,
    };
    const replaced = await api.send(`PUT ${path}`, {
      token: admin,
      body: { variants: [xxl, { id: medium.id }] },
    });
    const [first] = replaced.json.variants;
    assert.notEqual(first.id, id);
    const cart = (await api.send("GET /api/cart/me", { token })).json;
    assert.deepEqual(
      [cart.items[0].variantId, cart.items[0].availability, cart.items[0].name],
      [id, "gone", "Shirt, S"],
    );
    for (const quoteId of [quote.quoteId, undefined])
      requireCode(
        await api.send("POST /api/orders", { token, body: { ...purchase, quoteId } }),
        409,
        "STOCK_INSUFFICIENT",
      );
    const named = [{ productId: id, variantId: id, quantity: 1 }];
    const refused = await api.send("POST /api/orders", { token, body: { ...purchase, items: named } });
    assert.equal(refused.status < 500 && refused.status >= 400, true, refused.text);
    requireCode(
      await api.send(`PATCH ${path}/stock`, { token: admin, body: { variantId: id, set: 3, reason: "x" } }),
      404,
      "VARIANT_NOT_FOUND",
    );
    const cancel = { token, body: { status: "cancelled" } };
    assert.equal(
      (await api.send(`PATCH /api/orders/${bought.json.id}/status`, cancel)).json.status,
      "cancelled",
    );
    const now = (await api.send(`GET ${path}`)).json;
    assert.deepEqual(
      now.variants.map(({ stockQuantity }: { stockQuantity: number }) => stockQuantity),
      [9, 4],
    );
    const plain = (await api.send("POST /api/orders", { token, body: { ...purchase, items } })).json;
    assert.deepEqual([plain.items[0].variantId, plain.items[0].price.amount], [first.id, "1.00"]);
  });
}

function roundTrips({ api, admin, product, requireCode }: Shop): void {
  it("what GET answers can be sent back with PUT and PATCH, and changes nothing", async () => {
    const attributes = { colour: "teal", size: { w: 1, h: [1, 2] }, "": undefined };
    const whole = { ...shirt(), attributes, imageUrl: "/a.webp", categories: ["more"], description: "Soft." };
    const { id } = await product(whole);
    const path = `/api/products/${id}`;
    const read = await api.send(`GET ${path}`);
    for (const request of [`PUT ${path}`, `PATCH ${path}`]) {
      const answer = await api.send(request, { token: admin, body: read.json });
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(answer.json, read.json);
      assert.equal(answer.headers["etag"], read.headers["etag"]);
    }
    const empty = await api.send(`PUT ${path}`, { token: admin, body: {} });
    assert.deepEqual(empty.json, read.json);
    const headers = { "content-type": "application/merge-patch+json" };
    const patch = {
      name: "Soft Shirt",
      attributes: { size: { h: null }, colour: null, new: 1 },
      imageUrl: null,
    };
    const { json } = await api.send(`PATCH ${path}`, { token: admin, body: patch, headers });
    const { updatedAt } = json;
    assert.deepEqual(json, {
      ...read.json,
      name: "Soft Shirt",
      attributes: { size: { w: 1 }, new: 1 },
      imageUrl: "",
      updatedAt,
    });
    requireCode(
      await api.send(`PUT ${path}`, { token: admin, body: {}, headers }),
      415,
      "MEDIA_TYPE_UNSUPPORTED",
    );
    for (const body of [
      { variants: [] },
      { variants: null },
      { name: null },
      { price: null },
      { code: null },
      { colour: 1 },
      [],
    ])
      for (const method of ["PUT", "PATCH"])
        requireCode(await api.send(`${method} ${path}`, { token: admin, body }), 400, "VALIDATION_FAILED");
    const price = { amount: "7.000", currencyCode: "USD" };
    requireCode(
      await api.send(`PUT ${path}`, { token: admin, body: { price: { amount: "7" } } }),
      400,
      "VALIDATION_FAILED",
    );
    const cheaper = await api.send(`PATCH ${path}`, {
      token: admin,
      body: { price: { amount: price.amount } },
    });
    assert.deepEqual(
      [
        cheaper.json.price.amount,
        ...cheaper.json.variants.map((one: { price: { amount: string } }) => one.price.amount),
      ],
      ["7.00", "7.00", "50.00"],
    );
  });
}

function conditionalEdits({ api, admin, product, requireCode, purchase }: Shop): void {
  it("an edit of what somebody else has edited is 412, and a sale in between is no edit", async () => {
    const { id } = await product();
    const path = `/api/products/${id}`;
    const read = async (headers = {}) => await api.send(`GET ${path}`, { headers });
    const etag = String((await read()).headers["etag"]);
    assert.match(etag, /^"[\w-]+\.[\w-]+"$/);
    for (const known of [etag, `W/${etag}`, `"x", ${etag}`, "*"])
      assert.equal((await read({ "if-none-match": known })).status, 304);
    const items = [{ productId: id, quantity: 4 }];
    await api.send("POST /api/orders", { token: (await api.guest()).token, body: { ...purchase, items } });
    const sold = await read({ "if-none-match": etag });
    assert.equal(sold.status, 200);
    assert.notEqual(sold.headers["etag"], etag);
    const edit = async (ifMatch: string, method = "PATCH", body: object = { name: `Thing ${ifMatch}` }) =>
      await api.send(`${method} ${path}`, {
        token: admin,
        headers: { "if-match": ifMatch },
        ...(method !== "DELETE" && { body }),
      });
    const form = (await read()).json;
    const saved = await edit(etag, "PUT", { ...form, stockQuantity: 10, name: "Saved" });
    assert.deepEqual(
      [saved.status, saved.json.name, saved.json.stockQuantity],
      [200, "Saved", 6],
      saved.text,
    );
    for (const stale of [etag, `W/${String(saved.headers["etag"])}`, '"other", "another"', '""'])
      for (const method of ["PUT", "PATCH"]) requireCode(await edit(stale, method), 412, "PRODUCT_CHANGED");
    requireCode(await edit(etag, "DELETE"), 412, "PRODUCT_CHANGED");
    const count = { body: { set: 6, reason: "Counted." }, token: admin };
    const stock = async (ifMatch: unknown) =>
      await api.send(`PATCH ${path}/stock`, { ...count, headers: { "if-match": String(ifMatch) } });
    requireCode(await stock(etag), 412, "PRODUCT_CHANGED");
    assert.equal((await stock(saved.headers["etag"])).status, 200);
    for (const wrong of ["abc", '"abc', "", '*, "a"'])
      for (const method of ["PUT", "PATCH", "DELETE"])
        requireCode(await edit(wrong, method), 400, "VALIDATION_FAILED");
    assert.equal((await edit(`"x", ${String(saved.headers["etag"])}`)).status, 200);
    assert.equal((await edit("*")).status, 200);
    const converted = await api.send(`GET ${path}?currency=JPY`);
    assert.equal((await edit(String(converted.headers["etag"]), "DELETE")).status, 204);
    requireCode(await edit("*"), 404, "PRODUCT_NOT_FOUND");
  });
}

function refusedLikenesses({ api, admin }: Shop): void {
  it("what looks the same or like nothing, dates that are none and slugs of other pages are refused, naming the field", async () => {
    const faults = async (request: string, body?: object) => {
      const { json, status, text } = await api.send(request, { token: admin, ...(body && { body }) });
      assert.equal(status, 400, text);
      return json.errors.map(({ path }: { path: string }) => path);
    };
    const price = { amount: "12.500", currencyCode: "USD" };
    const base = { name: "Odd", description: "", price, category: "odd" };
    const twins = [
      { sku: newSku(), options: {} },
      { sku: newSku(), options: {} },
    ];
    assert.deepEqual(await faults("POST /api/products", { ...base, variants: twins }), [
      "variants[1].options",
    ]);
    assert.deepEqual(await faults("POST /api/products", { ...base, name: "\u200b" }), ["name"]);
    assert.deepEqual(await faults("POST /api/products", { ...base, slug: "search" }), ["slug"]);
    assert.deepEqual(await faults("POST /api/products", { ...base, price: { ...price, amount: "12.505" } }), [
      "price.amount",
    ]);
    const { json } = await api.send("POST /api/products", {
      token: admin,
      body: { ...base, name: "Search" },
    });
    assert.equal(json.price.amount, "12.50");
    assert.match(json.slug, /^search-/);
    const path = `/api/products/${json.id}`;
    assert.deepEqual(await faults(`PATCH ${path}`, { slug: "search" }), ["slug"]);
    assert.deepEqual(await faults(`PUT ${path}`, { name: " \u2060" }), ["name"]);
    assert.match(
      (await api.send(`PATCH ${path}`, { token: admin, body: { slug: null } })).json.slug,
      /^search-/,
    );
    for (const time of [
      "2026-02-30",
      "2026-02-30T00:00:00Z",
      "2026-04-31T10:00:00%2B01:00",
      "2025-02-29T00:00:00Z",
    ])
      for (const field of ["createdFrom", "createdUntil"])
        assert.deepEqual(await faults(`GET /api/orders?${field}=${time}`), [field]);
    assert.equal(
      (await api.send("GET /api/orders?createdFrom=2024-02-29T00:00:00Z", { token: admin })).status,
      200,
    );
    assert.equal(
      (await api.send("GET /api/currencies/convert?from=USD&to=JPY&amount=45.000000")).status,
      200,
    );
    assert.equal((await api.send("GET /api/products?minPrice=9.9900&limit=1")).status, 200);
  });
}

function reservedWords(): void {
  it("no product can have the slug of a word that stands beside products' names in a path of the API", () => {
    const words = apiEndpoints().flatMap(({ path }) => /^\/api\/products\/([^:/]+)/.exec(path)?.[1] ?? []);
    assert.ok(words.includes("search"));
    for (const word of words) assert.ok(isReservedSlug(word), word);
  });
}

const name = fc.stringMatching(/^[\p{L}\p{N}][\p{L}\p{N} ]{0,20}[\p{L}\p{N}]$/u);
const fact: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom<unknown>("", "red", " padded ", 0, -1.5, true, false),
    fc.array(tie("scalar"), { maxLength: 3 }),
    fc.dictionary(name, tie("scalar"), { maxKeys: 3 }),
  ),
  scalar: fc.constantFrom<unknown>("x", 1, null, false, "né"),
})).value;
const money = fc.integer({ min: 0, max: 999_999 }).map((cents) => ({
  amount: (cents / 100).toFixed(2),
  currencyCode: "USD",
}));
const options = fc.dictionary(name, name, { maxKeys: 3 });
const writes = fc.record(
  {
    description: fc.constantFrom("", "Line.\nLine.", " "),
    price: money,
    categories: fc.array(fc.constantFrom("One", "Two & Three", "茶具"), { maxLength: 3 }),
    imageUrl: fc.constantFrom("", "/a.webp", "https://example.com/b.png"),
    attributes: fc.dictionary(name, fact, { maxKeys: 4 }),
    variants: fc.uniqueArray(fc.record({ options, price: money }), {
      minLength: 1,
      maxLength: 4,
      selector: ({ options: own }) => optionsKey(own),
    }),
  },
  { requiredKeys: ["variants"] },
);

function identities({ api, admin, product }: Shop): void {
  it("whatever a product is, what GET answers changes nothing when it is sent back with PUT or PATCH", async () => {
    await fc.assert(
      fc.asyncProperty(writes, async ({ variants, ...write }) => {
        const stocked = variants.map((variant) => ({ ...variant, sku: newSku(), stockQuantity: 3 }));
        const { id } = await product({ ...write, variants: stocked, stockQuantity: undefined });
        const read = await api.send(`GET /api/products/${id}`);
        for (const method of ["PUT", "PATCH"]) {
          const headers = { "if-match": String(read.headers["etag"]) };
          const back = await api.send(`${method} /api/products/${id}`, {
            token: admin,
            body: read.json,
            headers,
          });
          assert.equal(back.text, read.text);
          assert.equal(back.headers["etag"], read.headers["etag"]);
        }
      }),
      { numRuns: 25 },
    );
  });
}
