// What each service of the shop in containers needs: memory at rest and at most, processor time for pages that are looked at and for orders. The
// very images of compose.yaml, as test/images/run.ts starts them without a container engine: Linux, and root.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "#platform/kit/clock.ts";
import { newId } from "#platform/kit/ids.ts";
import { ComposeShop } from "../test/images/compose-shop.ts";
import { goInside, whyNoContainers } from "../test/images/namespaces.ts";
import { callRest, order } from "../test/lab/rest-buyer.ts";
import { buildRoot, images } from "../tools/image/build-root.ts";
import { closedLoop } from "./measure.ts";

export interface SizingCounts {
  readonly requests: number;
  readonly orders: number;
  readonly restSeconds: number;
}

const origin = "http://localhost:3000";
/** A hundredth of a second, everywhere Linux runs (proc(5), USER_HZ). */
const tickMs = 10;

/** Prints the table; undefined where this process goes on as another one, inside namespaces of its own. */
export async function benchSizing(counts: SizingCounts): Promise<string | undefined> {
  const why = whyNoContainers();
  if (why !== undefined) return `Nothing was measured: images are not started here, because ${why}.`;
  if (goInside()) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "stoa-sizing-"));
  const shop = new ComposeShop(folder, await buildRoots(folder), []);
  try {
    await shop.up();
    return await measure(shop, counts);
  } finally {
    await shop.down();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function buildRoots(folder: string): Promise<Map<string, string>> {
  const roots = new Map<string, string>();
  for (const image of images) roots.set(image, (await buildRoot(image, join(folder, "images", image))).root);
  return roots;
}

async function measure(shop: ComposeShop, { requests, orders, restSeconds }: SizingCounts): Promise<string> {
  const productIds = await listProducts();
  const rest = new Map([...shop.containers].map(([name, one]) => [name, one.memory().rssKiB / 1024]));
  const idle = await spent(shop, async () => await systemClock.sleep(restSeconds * 1_000));
  const idlePerSecond = (name: string) => (idle.cpuMs.get(name) ?? 0) / idle.seconds;
  // Code that has run often is compiled: a service that has just begun says nothing of one that runs.
  await look(productIds, Math.ceil(requests / 4));
  await buy(productIds, Math.ceil(orders / 4));
  const looking = await spent(shop, async () => await look(productIds, requests));
  let bought = 0;
  const buying = await spent(shop, async () => (bought = await buy(productIds, orders)));
  const beyondRest = ({ cpuMs, seconds }: Spent, name: string) =>
    Math.max(0, (cpuMs.get(name) ?? 0) - idlePerSecond(name) * seconds);
  const lines = [...shop.containers.keys(), "postgres"].map((name) => {
    const one = shop.containers.get(name)?.memory();
    return [
      name,
      (rest.get(name) ?? 0).toFixed(0),
      one ? (one.peakRssKiB / 1024).toFixed(0) : "",
      idlePerSecond(name).toFixed(1),
      ((beyondRest(looking, name) / requests) * 100).toFixed(1),
      ((beyondRest(buying, name) / bought) * (1_000 / 3_600)).toFixed(1),
    ];
  });
  const head = [
    ["service", "MiB at rest", "MiB at most", "m at rest", "m per 100 requests/s", "m per 1,000 orders/h"],
    ["---", "---:", "---:", "---:", "---:", "---:"],
  ];
  const table = [...head, ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  return `${requests} requests, ${bought} orders; m: thousandths of a processor\n\n${table}`;
}

interface Spent {
  readonly cpuMs: ReadonlyMap<string, number>;
  readonly seconds: number;
}

async function spent(shop: ComposeShop, work: () => Promise<unknown>): Promise<Spent> {
  const read = () =>
    new Map([
      ...[...shop.containers].map(([name, { pid }]) => [name, cpuMsOf(pid)] as const),
      ["postgres", cpuMsOfPostgres()] as const,
    ]);
  const before = read();
  const startedMs = systemClock.monotonicMs();
  await work();
  const seconds = (systemClock.monotonicMs() - startedMs) / 1_000;
  const cpuMs = new Map([...read()].map(([name, ms]) => [name, ms - (before.get(name) ?? 0)]));
  return { cpuMs, seconds };
}

function cpuMsOf(pid: number | string, ended = false): number {
  const [, rest = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
  const used = rest.split(" ").slice(11, ended ? 15 : 13);
  return used.reduce((sum, ticks) => sum + Number(ticks) * tickMs, 0);
}

/** Of all its processes, those that have ended included. Whatever runs in these namespaces is the shop's. */
function cpuMsOfPostgres(): number {
  let sum = 0;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name)))
    try {
      if (readFileSync(`/proc/${pid}/comm`, "utf8") === "postgres\n") sum += cpuMsOf(pid, true);
    } catch {
      // It has ended, and its parent counts it.
    }
  return sum;
}

async function listProducts(): Promise<string[]> {
  const { body } = await callRest(origin, "GET", "/api/products?limit=100&inStock=true");
  const ids = ((body["items"] ?? []) as { id: string }[]).map(({ id }) => id);
  if (ids.length === 0) throw new Error("The shop shows no products.");
  return ids;
}

/** Half of them pages, half of them the REST API. */
async function look(productIds: readonly string[], count: number): Promise<void> {
  await closedLoop({ count, parallel: 4 }, async (index) => {
    const id = productIds[index % productIds.length] ?? "";
    const paths = ["/", "/api/products?limit=12", `/product/${id}`, `/api/products/${id}`, "/search?q=a"];
    const path = [...paths, "/api/categories"][index % 6] ?? "/";
    await untilGood(path);
  });
}

/** A machine that is busy with other things makes the shop answer 503; it is asked again, as people do. */
async function untilGood(path: string): Promise<void> {
  for (let left = 100; ; left -= 1) {
    const answer = await fetch(origin + path);
    await answer.arrayBuffer();
    if (answer.ok) return;
    if (answer.status !== 503 || left === 0) throw new Error(`GET ${path} was answered ${answer.status}.`);
    await systemClock.sleep(200);
  }
}

/** How many were bought: others came too late for the last one of a product. */
async function buy(productIds: readonly string[], count: number): Promise<number> {
  let bought = 0;
  await closedLoop({ count, parallel: 4 }, async (index) => {
    const productId = productIds[index % productIds.length] ?? "";
    const guest = await callRest(origin, "POST", "/api/users/guest");
    const token = String(guest.body["token"]);
    await callRest(origin, "POST", "/api/cart/me/items", { token, body: { productId, quantity: 1 } });
    await callRest(origin, "GET", "/api/cart/me", { token });
    const headers = { "idempotency-key": newId() };
    const placed = await callRest(origin, "POST", "/api/orders", { token, body: order, headers });
    if (placed.status === 201) bought += 1;
    else if (placed.status !== 409 && placed.status !== 503)
      throw new Error(`An order was answered ${placed.status}: ${JSON.stringify(placed.body)}`);
    await callRest(origin, "GET", "/api/orders", { token });
  });
  if (bought < count / 4)
    throw new Error(`Only ${bought} of ${count} guests could buy: stock is out, or the machine is too busy.`);
  return bought;
}
