import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { TestClock } from "#platform/testing/test-clock.ts";
import { createEcbProvider } from "./ecb-provider.ts";
import { rateProviderContract } from "./provider.contract.ts";

const envelope = (day: string, usd: string) =>
  `<Envelope xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><Cube><Cube time="${day}"><Cube currency="USD" rate="${usd}"/></Cube></Cube></Envelope>`;
const pages: { [path: string]: (response: ServerResponse) => void } = {
  "/good": (response) => response.end(envelope("2029-12-31", "1.1305")),
  "/old": (response) => response.end(envelope("2029-12-01", "1.1305")),
  "/future": (response) => response.end(envelope("2030-01-09", "1.1305")),
  "/garbage": (response) => response.end("\u0000\u0001garbage"),
  "/error": (response) => response.writeHead(503).end(envelope("2029-12-31", "1.1305")),
  "/moved": (response) => response.writeHead(302, { location: "/good" }).end(),
  "/huge": (response) => response.end(`${envelope("2029-12-31", "1.1305")}${" ".repeat(1_000_000)}`),
  "/slow": (response) => response.write("<Envelope"),
  "/torn": (response) => {
    response.write("<Envelope");
    response.destroy();
  },
};
const server = createServer((request, response) => pages[request.url ?? ""]?.(response));
const clock = new TestClock();
let origin = "";

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

const fetchFrom = async (path: string) =>
  await createEcbProvider({ url: `${origin}${path}`, clock, timeoutMs: 500 }).fetchRates();

rateProviderContract("ecb", () => createEcbProvider({ url: `${origin}/good`, clock }));

test("the bank's rates are fetched, with their day", async () => {
  const { publishedOn, units } = await fetchFrom("/good");
  assert.equal(publishedOn, "2029-12-31");
  assert.deepEqual([...units], Object.entries({ EUR: "1", USD: "1.1305" }));
});

test("an answer that is an error, no page, too old, too large, too slow or torn gives no rates", async () => {
  const faults: [string, RegExp][] = [
    ["/error", /answered 503/],
    ["/moved", /answered 302/],
    ["/garbage", /cannot be read/],
    ["/old", /dated 2029-12-01/],
    ["/future", /dated 2030-01-09/],
    ["/huge", /could not be fetched/],
    ["/slow", /could not be fetched/],
    ["/torn", /could not be fetched/],
  ];
  for (const [path, message] of faults) await assert.rejects(fetchFrom(path), message, path);
});

test("a server that is not there gives no rates", async () => {
  const provider = createEcbProvider({ url: "http://127.0.0.1:1/", clock, timeoutMs: 500 });
  await assert.rejects(provider.fetchRates(), /could not be fetched/);
});
