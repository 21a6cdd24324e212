import assert from "node:assert/strict";
import { it } from "node:test";
import { apiEndpoints } from "../../services/gateway/api.ts";
import { sharedSchemas } from "../../services/gateway/schemas/all.ts";
import { nameOf } from "../../services/gateway/schemas/shapes.ts";
import { openApi } from "./open-api.ts";

type Json = { [name: string]: unknown };

const api = await openApi();
const admin = await api.admin();
const guest = await api.guest();
const schemas = new Map(sharedSchemas.map((schema) => [nameOf(schema), schema as unknown as Json]));
const [{ id: productId }] = (await api.send("GET /api/products?limit=1")).json.items;

// prettier-ignore
const values: unknown[] = [
  0, -0, -1, 1.5, 99, 100, 2 ** 31 - 1, 2 ** 31, 2 ** 53, 2 ** 63, 1e308, "1", " 1", "1e1", "0x1", "١", "", " ", "x",
  "x".repeat(50_000), "' or 1=1 --", "<script>alert(1)</script>", "../../etc/passwd", "a\r\nBcc: x@example.com", "\u202e",
  "ｆｕｌｌ", "😀".repeat(300), "javascript:alert(1)", "null", true, null, [], [1], {}, { a: 1 }, [[[[]]]],
];

/** A body the schema allows, with every field that it names. */
function sample(schema: Json, name = ""): unknown {
  const {
    $ref,
    type: types,
    properties,
    items,
    anyOf,
    enum: choices,
    pattern,
    minimum,
  } = schema as Json & {
    properties?: { [name: string]: Json };
  };
  const type: unknown = Array.isArray(types) ? types[0] : types;
  if (typeof $ref === "string") return sample(schemas.get($ref.replace("#", "")) as Json, name);
  if (Array.isArray(choices)) return choices[0];
  if (Array.isArray(anyOf)) return sample(anyOf[0] as Json, name);
  if (type === "array") return [sample(items as Json, name)];
  if (type === "object")
    return Object.fromEntries(
      Object.entries(properties ?? {}).map(([key, inner]) => [key, sample(inner, key)]),
    );
  if (type === "integer") return Math.max(1, Number(minimum ?? 1));
  if (name === "productId") return productId;
  if (name === "currencyCode") return "USD";
  if (name === "country") return "GB";
  if (name === "postalCode") return "SW1Y 4JH";
  if (name === "number") return "4000000000000002";
  if (name === "code") return "ABCDEFGHIJ";
  if (name === "email") return "fuzz@example.com";
  if (typeof pattern === "string") return name === "slug" ? "a-slug" : "1.00";
  return "text";
}

/** The body with one place after the other replaced by `value`, and once with a field too many. */
function* mutations(body: unknown, value: unknown): Generator<unknown> {
  yield value;
  if (Array.isArray(body)) {
    for (const inner of mutations(body[0], value)) yield [inner];
    yield Array<unknown>(2000).fill(body[0]);
  } else if (typeof body === "object" && body !== null) {
    for (const [key, inner] of Object.entries(body))
      for (const mutated of mutations(inner, value)) yield { ...body, [key]: mutated };
    yield { ...body, extra: value };
  }
}

it("no body makes a 5xx: every place of every body with every odd value", { timeout: 300_000 }, async () => {
  const failures: string[] = [];
  let sent = 0;
  for (const { method, path, body, access, id } of apiEndpoints()) {
    if (!body) continue;
    // Passwords are hashed for good bodies, which is slow and not what is looked at here.
    const isHashing = ["registerUser", "loginUser", "changeProfile"].includes(id);
    const token = access === "admin" ? admin : guest.token;
    const url = path.replace(":userId", "me").replaceAll(/:\w+/g, productId);
    const whole = sample(body as unknown as Json);
    for (const value of isHashing ? values.filter((one) => typeof one !== "string" || one === "") : values) {
      for (const mutated of mutations(whole, value)) {
        if (isHashing && JSON.stringify(mutated) === JSON.stringify(whole)) continue;
        const text = JSON.stringify(mutated) ?? "";
        const { status } = await api.send(`${method} ${url}`, { token, body: text });
        sent += 1;
        if (status >= 500) failures.push(`${id} ${status}: ${text.slice(0, 200)}`);
      }
    }
  }
  assert.deepEqual(failures.slice(0, 10), []);
  assert.ok(sent > 3000, `${sent} bodies were sent`);
});

it("no path or query makes a 5xx", { timeout: 300_000 }, async () => {
  const failures: string[] = [];
  const odd = values.map((value) =>
    typeof value === "string" ? value.slice(0, 2000) : (JSON.stringify(value) ?? ""),
  );
  const encoded = [
    ...odd.map(encodeURIComponent),
    "%00",
    "%ff",
    "%",
    "a%2fb",
    "..%2f..",
    "%E0%A4%A",
    "x".repeat(5000),
  ];
  for (const { method, path, query, access, id } of apiEndpoints()) {
    const token = access === "admin" ? admin : guest.token;
    const send = async (url: string) => {
      const { status } = await api.send(`${method} ${url}`, { token });
      if (status >= 500) failures.push(`${id} ${status}: ${url.slice(0, 200)}`);
    };
    const owned = path.replace(":userId", "me");
    if (owned.includes(":")) for (const value of encoded) await send(owned.replaceAll(/:\w+/g, value));
    if (path.includes(":userId")) for (const value of encoded) await send(path.replaceAll(/:\w+/g, value));
    const names = Object.keys((query as { properties?: object } | undefined)?.properties ?? {});
    for (const name of names) {
      const key = name.replace("*", "color");
      for (const value of encoded) await send(`${owned.replaceAll(/:\w+/g, productId)}?${key}=${value}`);
      await send(`${owned.replaceAll(/:\w+/g, productId)}?${key}=1&${key}=2`);
    }
  }
  assert.deepEqual(failures.slice(0, 10), []);
});

it("an id of any length names nothing: 404, never 405", async () => {
  for (const { method, path, access, query } of apiEndpoints()) {
    if (!path.includes(":") || (method !== "GET" && method !== "DELETE")) continue;
    const needed = (query as { required?: string[] } | undefined)?.required ?? [];
    const search = needed.length === 0 ? "" : `?${needed.map((name) => `${name}=a%20test`).join("&")}`;
    for (const length of [37, 256, 257, 300, 5_000, 12_000]) {
      const url = path.replaceAll(/:\w+/g, "a".repeat(path.split(":").length > 2 ? length / 2 : length));
      const answer = await api.send(`${method} ${url}${search}`, {
        token: access === "admin" ? admin : guest.token,
      });
      assert.equal(answer.status, 404, `${method} ${path} ${length}: ${answer.text}`);
    }
  }
});
