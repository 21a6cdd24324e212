// Flags over REST and over OFREP, and faults on purpose, on the whole back end.
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { reasons } from "#gen/fault-places.ts";
import { bodyHash, signCall } from "#platform/auth/service-proof.ts";
import { provenRequest } from "#platform/http/sender.ts";
import { allowFaults, Faults } from "#platform/kit/faults.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { openApi, serviceKey } from "./open-api.ts";

const faults = new Faults({ services: ["gateway"], reasons, clock: systemClock, log: silentLog });
const api = await openApi({ heard: { onHeard: (switches) => faults.hear(switches) } });
const token = await api.admin();
const { id: productId } = (await api.send("GET /api/products")).json.items[0];
after(() => faults.close());

const evaluate = async (path: string, body?: unknown, headers = {}) => {
  return await api.send(`POST /ofrep/v1/evaluate/flags${path}`, { body, headers });
};
const change = async (name: string, body: object) =>
  await api.send(`PUT /api/flags/${name}`, { token, body });
const takeBack = async (name: string) => {
  return await api.send(`DELETE /api/flags/${name}?reason=a%20test`, { token });
};
const nameOf = ({ key }: { key: string }) => key;

describe("flags in the admin's hands", () => {
  it("are listed with where they come from, switched with a reason and taken back", async () => {
    const listed = await api.send("GET /api/flags", { token });
    assert.deepEqual(listed.json.faults, { isAllowed: false, switch: null });
    const { json } = await change("MAINTENANCE_MODE", { value: true, reason: "We move." });
    const flag = json.items.find(({ name }: { name: string }) => name === "MAINTENANCE_MODE");
    assert.equal(flag.value, true);
    assert.equal(flag.source, "switch");
    assert.deepEqual(flag.unswitched, { value: false, source: "settings" });
    assert.equal(flag.switch.reason, "We move.");
    assert.equal((await api.send("GET /api/products")).status, 503);
    assert.equal((await takeBack("MAINTENANCE_MODE")).status, 200);
    assert.equal((await api.send("GET /api/products")).status, 200);
  });

  it("are nobody else's, and are switched only as they can be, with a sentence", async () => {
    const { token: guest } = await api.guest();
    const body = { value: true, reason: "because" };
    assert.equal((await api.send("GET /api/flags", { token: guest })).status, 403);
    assert.equal((await api.send("PUT /api/flags/MAINTENANCE_MODE", { token: guest, body })).status, 403);
    assert.match((await change("MAINTENANCE", body)).text, /Did you mean MAINTENANCE_MODE/);
    assert.match((await change("MAINTENANCE_MODE", { ...body, value: "on" })).text, /of the type boolean/);
    assert.equal((await change("MAINTENANCE_MODE", { value: true, reason: " " })).status, 400);
    assert.equal((await change("MAINTENANCE_MODE", { ...body, share: 2 })).status, 400);
    assert.equal((await takeBack("NO_SUCH_FLAG")).status, 404);
    assert.equal((await takeBack("MAINTENANCE_MODE")).status, 200);
  });

  it("are told in full to proven services of the shop only", async () => {
    assert.equal((await api.send("GET /api/flags/switches", { token })).status, 404);
    const call = { ...provenRequest("GET", "/api/flags/switches", {}), bodyHash: bodyHash(undefined) };
    const proof = signCall("storefront", serviceKey, Date.now(), call);
    const answer = await api.send("GET /api/flags/switches", { headers: { "x-stoa-service": proof } });
    assert.deepEqual(answer.json, { items: [] });
  });
});

describe("any OpenFeature client", () => {
  it("gets one flag, with its reason and variant", async () => {
    const { status, json } = await evaluate("/ENABLE_CHECKOUT", { context: { targetingKey: "u-1" } });
    assert.equal(status, 200);
    const expected = {
      key: "ENABLE_CHECKOUT",
      value: true,
      reason: "DEFAULT",
      variant: "on",
      cacheable: false,
    };
    assert.deepEqual(json, { ...expected, metadata: { source: "settings" } });
    assert.equal((await evaluate("/ENABLE_CHECKOUT")).status, 200, "without a context");
  });

  it("gets all flags, and 304 while nothing has changed", async () => {
    const first = await evaluate("", { context: {} });
    assert.deepEqual(first.json.flags.map(nameOf).sort(), [
      "ENABLE_CHECKOUT",
      "ENABLE_RECOMMENDATIONS",
      "MAINTENANCE_MODE",
    ]);
    const etag = String(first.headers["etag"]);
    const again = await evaluate("", { context: {} }, { "if-none-match": `"other", ${etag}` });
    assert.deepEqual([again.status, again.text], [304, ""]);
    await change("ENABLE_RECOMMENDATIONS", { value: false, reason: "a test" });
    const changed = await evaluate("", { context: {} }, { "if-none-match": etag });
    assert.equal(changed.status, 200);
    assert.equal(
      changed.json.flags.find((one: { key: string }) => one.key === "ENABLE_RECOMMENDATIONS").value,
      false,
    );
    await takeBack("ENABLE_RECOMMENDATIONS");
  });

  it("gets a share of the users by their targeting key, the same each time", async () => {
    await change("ENABLE_RECOMMENDATIONS", { value: false, share: 0.5, reason: "half" });
    const of = async (targetingKey: string) =>
      (await evaluate("/ENABLE_RECOMMENDATIONS", { context: { targetingKey } })).json;
    const keys = Array.from({ length: 40 }, (_, index) => `user-${index}`);
    const values = [];
    for (const key of keys) values.push((await of(key)).value);
    assert.equal(new Set(values).size, 2);
    for (const [index, key] of keys.entries()) assert.equal((await of(key)).value, values[index]);
    await takeBack("ENABLE_RECOMMENDATIONS");
  });

  const refused: [string, string, unknown, number, object][] = [
    ["a flag that there is not", "/NO_SUCH", {}, 404, { key: "NO_SUCH", errorCode: "FLAG_NOT_FOUND" }],
    ["the rules of faults", "/faults", {}, 404, { key: "faults", errorCode: "FLAG_NOT_FOUND" }],
    ["a body that is no JSON", "/X", "{", 400, { key: "X", errorCode: "PARSE_ERROR" }],
    ["no object", "/X", [1], 400, { key: "X", errorCode: "PARSE_ERROR" }],
    ["a context that is none", "/X", { context: 1 }, 400, { key: "X", errorCode: "INVALID_CONTEXT" }],
    ["a key that is no text", "/X", { context: { targetingKey: 7 } }, 400, { errorCode: "INVALID_CONTEXT" }],
    ["no JSON for all flags", "", "{", 400, { errorCode: "PARSE_ERROR" }],
  ];
  for (const [what, path, body, status, expected] of refused)
    it(`is refused with ${what} in the words of the protocol`, async () => {
      const answer = await evaluate(path, body);
      assert.equal(answer.status, status);
      assert.match(String(answer.headers["content-type"]), /^application\/json/);
      const { errorDetails, ...rest } = answer.json;
      assert.match(errorDetails, /\.$/);
      for (const [name, value] of Object.entries(expected)) assert.equal(rest[name], value);
    });

  it("is told the method", async () => {
    const { status, headers } = await api.send("GET /ofrep/v1/evaluate/flags");
    assert.deepEqual([status, headers["allow"]], [405, "POST"]);
  });
});

describe("faults on purpose", () => {
  const until = () => new Date(Date.now() + 60_000).toISOString();
  const inject = async (...rules: object[]) => {
    const value = rules.map((rule) => ({ share: 1, until: until(), ...rule }));
    return await change("faults", { value, reason: "a game day" });
  };
  after(() => allowFaults(false));

  it("are refused where the shop does not allow them", async () => {
    const { status, json } = await inject({ where: "rpc:*", fail: "UNAVAILABLE" });
    assert.deepEqual([status, json.code], [403, "FAULTS_REFUSED"]);
  });

  it("name what there is, or hear what was probably meant", async () => {
    allowFaults(true);
    const near = /stoa\.catalog\.v1\.CatalogService\/GetProduct\?/;
    assert.match(
      (await inject({ where: "rpc:stoa.catalog.v1.CatalogService/GetProdukt", delayMs: 1 })).text,
      near,
    );
    assert.match((await inject({ where: "route:/api/product", delayMs: 1 })).text, /route:\/api\/products/);
    assert.match((await inject({ where: "rpc:*", refuse: "NOT_FUND" })).text, /did you mean NOT_FOUND/);
    assert.equal((await inject({ where: "route:/api/health", delayMs: 1 })).status, 400, "what must work");
  });

  it("look like real failures of a route and of a neighbour, and end when they are taken back", async () => {
    await inject({ where: "route:/api/currencies", fail: "UNAVAILABLE" });
    const gone = await api.send("GET /api/currencies");
    assert.deepEqual([gone.status, gone.json.code], [503, "NEIGHBOUR_UNAVAILABLE"]);
    assert.ok(gone.headers["x-content-type-options"]);
    assert.equal((await api.send("GET /api/categories")).status, 200);
    await inject({ where: "rpc:stoa.catalog.v1.CatalogService/*", refuse: "PRODUCT_NOT_FOUND" });
    assert.equal((await api.send(`GET /api/products/${productId}`)).status, 404);
    await takeBack("faults");
    assert.equal((await api.send(`GET /api/products/${productId}`)).status, 200);
  });

  it("leave the admin's work alone, whatever is hit", async () => {
    const search = async () => await api.send("GET /api/products/search?q=lamp");
    await inject({ where: "rpc:*", fail: "UNAVAILABLE" });
    assert.equal((await search()).status, 503);
    assert.equal((await api.send("GET /api/mails", { token })).status, 200);
    assert.equal((await api.send("GET /api/health")).status, 200);
    assert.equal((await takeBack("faults")).status, 200);
    assert.equal((await search()).status, 200);
  });

  it("meet whoever asks by name through all services, and nobody else", async () => {
    await inject({
      where: "rpc:stoa.catalog.v1.CatalogService/*",
      header: "X-Stoa-Fault: no-catalog",
      refuse: "PRODUCT_NOT_FOUND",
    });
    const headers = { "x-stoa-fault": "no-catalog" };
    const { token: guest } = await api.guest();
    const body = { productId, quantity: 1 };
    const add = async (more: object) =>
      await api.send("POST /api/cart/me/items", { token: guest, body, ...more });
    assert.equal((await add({ headers })).status, 404, "the cart asks the catalogue");
    assert.ok((await add({})).status < 300);
    allowFaults(false);
    assert.ok(
      (await add({ headers })).status < 300,
      "the header counts for nothing where faults are not allowed",
    );
    allowFaults(true);
    await takeBack("faults");
  });
});
