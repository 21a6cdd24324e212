// The shop as `serve split` runs it: a process for each service, under a launcher that may be killed.
import assert from "node:assert/strict";
import { once } from "node:events";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { get } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import * as hipstershop from "#gen/hipstershop/demo_pb.js";
import { systemClock } from "#platform/kit/clock.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { services } from "../../shop.ts";
import { buyOverRest, callRest, newGuest } from "../lab/rest-buyer.ts";
import { openSplitShop, type SplitShop } from "../lab/split-shop.ts";

const endWithinMs = 15_000;
const admin = { ADMIN_EMAIL: "admin@example.com", ADMIN_PASSWORD: "the keys of the colonnade" };

async function untilGone(pids: Iterable<number>): Promise<number> {
  const startedMs = systemClock.monotonicMs();
  for (const pid of pids) {
    while (isRunning(pid)) {
      assert.ok(systemClock.monotonicMs() - startedMs < endWithinMs, `process ${pid} does not end`);
      await systemClock.sleep(20);
    }
  }
  return systemClock.monotonicMs() - startedMs;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function mustSell({ origin, grpcPort }: SplitShop): Promise<void> {
  assert.equal((await buyOverRest(origin, "6E92ZMYYFZ")).answer.kind, "acknowledged");
  assert.equal((await fetch(`${origin}/product/OLJCESPC7Z`)).status, 200);
  const transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${grpcPort}` });
  const userId = "a visitor of the split shop";
  const item = { productId: "OLJCESPC7Z", quantity: 1 };
  await createClient(hipstershop.CartService, transport).addItem({ userId, item });
  const { order } = await createClient(hipstershop.CheckoutService, transport).placeOrder({
    userId,
    userCurrency: "EUR",
    email: "ada@example.com",
    address: {
      streetAddress: "1 Way",
      city: "New York",
      state: "NY",
      country: "United States",
      zipCode: 10001,
    },
    creditCard: {
      creditCardNumber: "4432-8015-6152-0454",
      creditCardCvv: 672,
      creditCardExpirationYear: 2039,
      creditCardExpirationMonth: 1,
    },
  });
  assert.equal(order?.items.length, 1);
}

/** What stands before the gateway and ends TLS says so; the storefront behind it makes cookies accordingly. */
async function mustSeeWhereTlsEnds({ port }: SplitShop): Promise<void> {
  const cookiesFrom = async (localAddress: string) =>
    await new Promise<string[]>((resolve, reject) => {
      const headers = { "x-forwarded-proto": "https" };
      const options = { host: "127.0.0.1", port, path: "/account/login", localAddress, headers };
      get(options, (answer) => {
        answer.resume();
        resolve(answer.headers["set-cookie"] ?? []);
      }).on("error", reject);
    });
  const behindProxy = await cookiesFrom("127.0.0.2");
  assert.ok(behindProxy.length > 0);
  for (const line of behindProxy) assert.match(line, /; Secure$/);
  for (const line of await cookiesFrom("127.0.0.1")) assert.doesNotMatch(line, /Secure/);
}

/** Returns the address of the picture. */
async function uploadPicture({ origin }: SplitShop): Promise<string> {
  const body = { email: admin.ADMIN_EMAIL, password: admin.ADMIN_PASSWORD };
  const login = await callRest(origin, "POST", "/api/users/login", { body });
  const headers = { authorization: `Bearer ${String(login.body["token"])}`, "content-type": "image/gif" };
  const bytes = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");
  const kept = await fetch(`${origin}/api/files`, { method: "POST", headers, body: bytes });
  const { url } = (await kept.json()) as { url: string };
  const answer = await fetch(origin + url);
  assert.deepEqual([kept.status, Buffer.from(await answer.arrayBuffer())], [201, bytes]);
  return url;
}

/** What hangs is told of, and told of again when it goes on; what dies is started again, also when it dies at once again. */
async function mustBeKept({ pids, said, origin }: SplitShop): Promise<void> {
  const email = pids().get("email") ?? 0;
  process.kill(email, "SIGSTOP");
  for (const sentence of [
    "ad has ended by itself (SIGKILL); it is started again.",
    "ad has ended by itself again (SIGKILL), 2 times in a row soon after its start; it is started again in 0.5 s.",
  ]) {
    const pid = pids().get("ad") ?? 0;
    process.kill(pid, "SIGKILL");
    await eventually("its end is told", () => said().includes(sentence));
    await eventually("it is open again", async () => {
      const { services: states } = (await (await fetch(`${origin}/api/health`)).json()) as {
        services: Record<string, string>;
      };
      return pids().has("ad") && pids().get("ad") !== pid && states["ad"] === "up";
    });
  }
  await eventually("both returns are told", () => said().split("\nad is open again.\n").length === 3);
  await eventually("what hangs is told", () => said().includes("\nemail does not answer."));
  process.kill(email, "SIGCONT");
  await eventually("what goes on is told", () => /\nemail answers again, after \d+ s\.\n/.test(said()));
  assert.equal(pids().get("email"), email);
}

/** The whole line of one shop on one folder, because every start costs seconds. */
test("the split shop sells, signs out everywhere, ends cleanly, and leaves nothing when its launcher is killed", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "stoa-split-"));
  t.after(async () => await rm(folder, { recursive: true, force: true }));
  const first = await openSplitShop({ folder, environment: { TRUSTED_PROXIES: "127.0.0.2", ...admin } });
  t.after(first.close);
  // One process for each service, and the audit, for which nobody waits.
  await eventually("the audit runs", () => first.pids().has("audit"));
  assert.deepEqual([...first.pids().keys()].sort(), [...services.map(({ name }) => name), "audit"].sort());
  await mustSell(first);
  await mustBeKept(first);
  await mustSeeWhereTlsEnds(first);
  const picture = await uploadPicture(first);

  const { token } = await newGuest(first.origin);
  const paths = ["/api/cart/me", "/api/orders"];
  const statuses = async () =>
    await Promise.all(
      paths.map(async (path) => (await callRest(first.origin, "GET", path, { token })).status),
    );
  assert.deepEqual(await statuses(), [200, 200]);
  assert.equal((await callRest(first.origin, "POST", "/api/users/logout", { token })).status, 204);
  const untilMs = systemClock.monotonicMs() + 5_000;
  while ((await statuses()).some((status) => status !== 401)) {
    assert.ok(
      systemClock.monotonicMs() < untilMs,
      "a token is still accepted 5 s after its owner signed out",
    );
    await systemClock.sleep(50);
  }

  const left = [...first.pids().values()];
  await first.end("SIGKILL");
  await untilGone(left);

  const second = await openSplitShop({ folder });
  t.after(second.close);
  await mustSell(second);
  assert.equal((await fetch(second.origin + picture)).status, 200);
  assert.equal(
    existsSync(join(folder, picture.slice(0, 9), picture.slice(7))),
    true,
    "one machine, one folder",
  );
  const running = [...second.pids().values()];
  const startedMs = systemClock.monotonicMs();
  await second.end("SIGINT");
  await untilGone(running);
  assert.ok(systemClock.monotonicMs() - startedMs < endWithinMs);
});

test("a busy port is one sentence before anything starts", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const address = holder.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const program = new URL("../../main.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [program, "serve", "split"], {
    env: { ...process.env, PORT: String(port), STOA_DATA: join(tmpdir(), "stoa-never-made") },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const [code] = (await once(child, "close")) as [number];
  holder.close();
  assert.equal(code, 1);
  assert.equal(
    said.trim(),
    `Port ${port} cannot be opened on 127.0.0.1: another program uses it. Stop that program, or set PORT to a free port.`,
  );
});
