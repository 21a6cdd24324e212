import assert from "node:assert/strict";
import { get } from "node:http";
import { after, it } from "node:test";
import { silentLog } from "#platform/telemetry/log.ts";
import { createHttpServer, listen } from "./server.ts";

const state = { isDraining: false, isOver: true, pages: 0 };
const app = createHttpServer({
  service: "storefront",
  log: silentLog,
  isDraining: () => state.isDraining,
  opening: {
    get isOver() {
      return state.isOver;
    },
    lets: () => false,
  },
  probedAt: "/",
});
app.get("/", async () => {
  state.pages += 1;
  return await Promise.resolve("a page");
});
const port = await listen(app, "127.0.0.1", 0);
after(async () => await app.close());

async function ask(path: string, agent: string): Promise<{ status: number | undefined; text: string }> {
  return await new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, path, headers: { "user-agent": agent } }, (answer) => {
      let text = "";
      answer.on("data", (chunk: Buffer) => (text += chunk.toString()));
      answer.on("end", () => resolve({ status: answer.statusCode, text }));
    }).on("error", reject);
  });
}

it("a probe at the first page gets a few bytes and no page is made for it; people get pages (S0-16, S0-17, S0-18)", async () => {
  for (const agent of ["kube-probe/1.36", "ELB-HealthChecker/2.0", "GoogleHC/1.0"])
    assert.deepEqual(await ask("/", agent), { status: 200, text: "ok\n" });
  assert.equal(state.pages, 0);
  assert.equal((await ask("/", "Mozilla/5.0 (like kube-probe/1.36)")).text, "a page");
  assert.equal(state.pages, 1);
  assert.equal((await ask("/product/x", "kube-probe/1.36")).status, 404);
  assert.equal((await ask("/?q=1", "kube-probe/1.36")).text, "a page");
});

it("before the first page and while the process drains, a probe hears that nobody is let in", async () => {
  state.isOver = false;
  assert.equal((await ask("/", "kube-probe/1.36")).status, 503);
  state.isOver = true;
  state.isDraining = true;
  assert.equal((await ask("/", "kube-probe/1.36")).status, 503);
  state.isDraining = false;
  assert.equal((await ask("/", "kube-probe/1.36")).status, 200);
});
