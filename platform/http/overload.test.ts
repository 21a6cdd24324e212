// A listener that cannot keep up, over real sockets.
import assert from "node:assert/strict";
import { after, it } from "node:test";
import { Agent, request } from "undici";
import { bodyHash, signCall, streamed } from "#platform/auth/service-proof.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import type { Precedence } from "./gate.ts";
import { proofHeader, provenRequest } from "./sender.ts";
import { addOperationsRoutes, answerUnknownPaths, createHttpServer, listen } from "./server.ts";

const serviceKey = "a-key-that-only-tests-know-0123456789";
const app = createHttpServer({ service: "test", log: silentLog, serviceKey });
addOperationsRoutes(app, { isReady: () => true, metrics: "off" });
const held = new Set<() => void>();
const hold = () => new Promise<string>((resolve) => held.add(() => resolve("done")));
for (const precedence of ["first", "second", "last", "always"] satisfies Precedence[]) {
  app.get(`/held/${precedence}`, { config: { precedence } }, hold);
  app.get(`/${precedence}`, { config: { precedence } }, () => "done");
}
answerUnknownPaths(app);
const origin = `http://127.0.0.1:${await listen(app, "127.0.0.1", 0)}`;
const dispatcher = new Agent({ connections: 2_000 });
after(async () => {
  for (const release of held) release();
  await dispatcher.destroy();
  await app.close();
});

const ask = async (path: string, headers: Record<string, string> = {}) => {
  const { statusCode, headers: told, body } = await request(origin + path, { dispatcher, headers });
  return { status: statusCode, headers: told, text: await body.text() };
};

it("a full process refuses at once, in JSON for programs and in words for people, and answers orders, health and what it lets in itself", async () => {
  const waiting = Array.from({ length: 700 }, async () => await ask("/held/last"));
  await eventually("seven hundred are under way", () => held.size === 700);
  const refused = await ask("/last");
  assert.equal(refused.status, 503);
  assert.match(String(refused.headers["retry-after"]), /^[123]$/);
  assert.match(String(refused.headers["content-type"]), /^application\/problem\+json/);
  const problem = JSON.parse(refused.text) as Record<string, unknown>;
  assert.deepEqual([problem["code"], problem["status"]], ["OVERLOADED", 503]);
  assert.equal(problem["requestId"], refused.headers["x-request-id"]);
  const again = await ask("/last", { "x-request-id": "once-more" });
  assert.deepEqual(
    [again.status, again.headers["content-type"], (JSON.parse(again.text) as typeof problem)["code"]],
    [503, "application/problem+json", "OVERLOADED"],
  );
  assert.equal(again.headers["x-request-id"], "once-more");
  const page = await ask("/nowhere", { accept: "text/html,*/*" });
  assert.equal(page.status, 503);
  assert.match(page.text, /<h1>The shop is very busy\.<\/h1>/);
  assert.match(String(page.headers["content-security-policy"]), /default-src 'none'/);
  for (const path of ["/second", "/first", "/always", "/health", "/ready", "/status/200"])
    assert.equal((await ask(path)).status, 200, path);

  const nowMs = Date.now();
  const proofOf = (hash: string) => ({
    [proofHeader]: signCall("storefront", serviceKey, nowMs, {
      ...provenRequest("GET", "/last", {}),
      bodyHash: hash,
    }),
  });
  assert.equal((await ask("/last", proofOf(bodyHash()))).status, 200, "part of a request that was let in");
  assert.equal((await ask("/last", proofOf(streamed))).status, 503, "somebody else's request, handed on");
  assert.equal((await ask("/last", { [proofHeader]: "storefront.invented" })).status, 503);

  for (const release of held) release();
  held.clear();
  assert.deepEqual([...new Set((await Promise.all(waiting)).map(({ status }) => status))], [200]);
  assert.equal((await ask("/last")).status, 200);
});

it("those who hang up make room", async () => {
  const stop = new AbortController();
  const waiting = Array.from({ length: 700 }, async () => {
    await request(`${origin}/held/last`, { dispatcher, signal: stop.signal }).catch(() => undefined);
  });
  await eventually("seven hundred are under way", () => held.size === 700);
  assert.equal((await ask("/last")).status, 503);
  stop.abort();
  await Promise.all(waiting);
  await eventually("there is room again", async () => (await ask("/last")).status === 200);
});
