// What a running shop shows under /metrics, and requests that try to make it show ever more.
import assert from "node:assert/strict";
import { METHODS, request as httpRequest } from "node:http";
import { randomHex } from "#platform/telemetry/trace.ts";
import { registry } from "#platform/telemetry/metrics.ts";

/** Every series without its value, such as `stoa_orders_total{currency="USD"}`. */
export async function shownSeries(): Promise<Set<string>> {
  const lines = (await registry.metrics()).split("\n");
  return new Set(
    lines
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => line.slice(0, line.lastIndexOf(" "))),
  );
}

/** The sum of a metric over all its series that hold `part`. */
export async function sumOf(name: string, part = ""): Promise<number> {
  const lines = (await registry.metrics()).split("\n");
  return lines
    .filter((line) => (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) && line.includes(part))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}

/** So are all values begun that nobody but these requests can have brought. */
export const marker = "zqx";

/** One of each kind of request that nobody sensible makes, none like one before. */
export async function askNastily(origin: string): Promise<void> {
  const odd = `${marker}${randomHex(6)}`;
  // As a code could be, and is none.
  const currency = `Z${Array.from(randomHex(1), (digit) => "ABCDEFGHIJKLMNOP".charAt(parseInt(digit, 16))).join("")}`;
  const headers = {
    "user-agent": odd,
    "x-request-id": odd,
    "accept-language": `${odd},x-${odd};q=0.1`,
    "x-forwarded-for": odd,
    "idempotency-key": odd,
    "if-none-match": `"${odd}"`,
    cookie: `${odd}=${odd}`,
    authorization: `Bearer ${odd}`,
    "content-type": "application/json",
  };
  const paths = [
    `/${odd}`,
    `/${odd}/${odd}?${odd}=${odd}`,
    `/api/${odd}`,
    `/api/products/${odd}`,
    `/api/products?q=${odd}&currency=${currency}`,
    `/api/products?category=${odd}&sort=${odd}`,
    `/api/orders/${odd}`,
    `/product/${odd}`,
    `/category/${odd}`,
    `/search?q=${odd}`,
    `/static/${odd}.css`,
    `/%ff${odd}`,
    `/${odd.repeat(40)}`,
  ];
  for (const path of paths) await ask(origin, path, { method: "GET", headers });
  for (const path of ["/api/orders", "/api/cart/items", "/api/auth/login", "/api/currencies/convert"])
    await ask(
      origin,
      path,
      { method: "POST", headers },
      JSON.stringify({ [odd]: odd, currency: odd, productId: odd }),
    );
  await ask(
    origin,
    "/api/auth/login",
    { method: "POST", headers: { "content-type": "application/json" } },
    JSON.stringify({ email: `${odd}@example.com`, password: `${odd}-${odd}` }),
  );
  for (const method of METHODS)
    if (method !== "CONNECT") await ask(origin, `/api/${odd}`, { method, headers });
  await ask(origin, "/api/products", { method: `X${odd}`.toUpperCase(), headers }).catch(() => undefined);
}

async function ask(
  origin: string,
  path: string,
  options: { readonly method: string; readonly headers: Record<string, string> },
  body = "",
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const asked = httpRequest(`${origin}${path}`, { ...options, agent: false }, (response) => {
      response.resume();
      response.on("end", resolve);
      assert.ok((response.statusCode ?? 500) < 500, `${options.method} ${path}: ${response.statusCode}`);
    });
    asked.on("error", reject);
    asked.end(body);
  });
}
