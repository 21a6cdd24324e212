/**
 * `node test/images/run.ts [--guests 300] [--resident 110]`: the root file system of every image is built, and compose.yaml is run from them without a
 * container engine: each service as uid 1001 on a read-only tree in 128 MiB, on the networks of the file; then people buy.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { walkGuests } from "../../bench/journey-load.ts";
import { buildRoot, images } from "../../tools/image/build-root.ts";
import { ComposeShop } from "./compose-shop.ts";
import { goInside, whyNoContainers } from "./namespaces.ts";
import { checkSeedPorts } from "./seed-ports.ts";

const { values: options } = parseArgs({
  options: {
    guests: { type: "string", default: "300" },
    parallel: { type: "string", default: "8" },
    /** Demands that no service held more than so many MiB. */
    resident: { type: "string" },
  },
});
const imageMiBMax = 60;

const outcomes = { passed: 0, failed: 0 };
function check(what: string, isSo: boolean, more = ""): void {
  if (isSo) outcomes.passed += 1;
  else outcomes.failed += 1;
  console.log(`${isSo ? "✔" : "✖"} ${what}${isSo || more === "" ? "" : `: ${more}`}`);
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "stoa-images-"));
  try {
    const roots = await buildAll(folder);
    const shop = new ComposeShop(folder, roots, ["seeds"]);
    try {
      await shop.up();
      check("every service of compose.yaml is healthy as uid 1001 on a read-only tree in its 128 MiB", true);
      await checkIsolation(shop);
      await checkLoad(shop);
      await checkSeedPorts(shop, check);
    } finally {
      const ends = await shop.down();
      const unclean = [...ends].filter(([, end]) => end !== 0);
      check(
        "every service ends by itself after SIGTERM",
        unclean.length === 0,
        unclean.map(String).join(" "),
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function buildAll(folder: string): Promise<Map<string, string>> {
  const roots = new Map<string, string>();
  for (const image of images) {
    const { root, bytes } = await buildRoot(image, join(folder, "images", image));
    roots.set(image, root);
    const size = bytes / 1024 ** 2;
    const limit = image === "all" ? Number.POSITIVE_INFINITY : imageMiBMax;
    check(
      `ecommerce/${image} has ${size.toFixed(1)} MiB over its base`,
      size <= limit,
      `more than ${limit} MiB`,
    );
  }
  return roots;
}

/** Each is tried from inside: the account, the file system and the networks are those of the file. */
async function checkIsolation(shop: ComposeShop): Promise<void> {
  const probe = (script: string) => ["/usr/local/bin/node", "-e", script];
  const code = async (name: string, script: string) =>
    (await shop.containers.get(name)?.run(probe(script))) ?? -1;
  const write = (path: string) => `require("fs").writeFileSync(${JSON.stringify(path)}, "x")`;
  const reach = (host: string, port: number) =>
    `require("net").connect(${port}, "${host}").on("connect", () => process.exit(0)).on("error", () => process.exit(9)).setTimeout(1500, () => process.exit(9))`;
  check(
    "a service runs as uid 1001",
    (await code("cart", "process.exit(process.getuid() === 1001 ? 0 : 1)")) === 0,
  );
  check("it can write to /tmp", (await code("cart", write("/tmp/x"))) === 0);
  for (const path of ["/app/x", "/etc/passwd", "/usr/local/bin/x"])
    check(`it cannot write to ${path}`, (await code("cart", write(path))) === 1);
  check(
    "there is no shell",
    (await code("cart", `require("child_process").execFileSync("/bin/sh", ["-c", "true"])`)) === 1,
  );
  check("cart reaches its database", (await code("cart", reach("postgres", 5432))) === 0);
  check("gateway does not know the database", (await code("gateway", reach("postgres", 5432))) === 9);
  check(
    "gateway does not reach the database by its address",
    (await code("gateway", reach(shop.addressOf("postgres", "database"), 5432))) === 9,
  );
  check(
    "the audit reaches no service but the databases",
    (await code("audit", reach(shop.addressOf("cart", "shop"), 7070))) === 9,
  );
}

async function checkLoad(shop: ComposeShop): Promise<void> {
  const idle = new Map([...shop.containers].map(([name, one]) => [name, one.memory()]));
  const guests = Number(options.guests);
  const bought = await walkGuests({
    origin: "http://localhost:3000",
    guests,
    parallel: Number(options.parallel),
  });
  check(
    `${guests} guests look around, fill a cart, buy and see their order, or come too late for the last one`,
    bought > guests / 2,
    `${bought} bought`,
  );
  console.log("\nservice          idle MiB  loaded MiB  peak MiB  group's peak MiB");
  for (const [name, one] of shop.containers) {
    const memory = one.memory();
    const cells = [idle.get(name)?.rssKiB ?? 0, memory.rssKiB, memory.peakRssKiB, memory.groupPeakKiB];
    console.log(`${name.padEnd(15)}  ${cells.map((kib) => (kib / 1024).toFixed(0).padStart(8)).join("  ")}`);
  }
  if (options.resident === undefined) return;
  const residentMiBMax = Number(options.resident);
  for (const [name, one] of shop.containers) {
    const peak = one.memory().peakRssKiB / 1024;
    check(`${name} held at most ${residentMiBMax} MiB`, peak <= residentMiBMax, `${peak.toFixed(0)} MiB`);
  }
}

const why = whyNoContainers();
if (why !== undefined) {
  console.log(`skipped: images are not started here, because ${why}`);
  console.log("0 passed, 0 failed");
} else if (!goInside()) {
  try {
    await main();
  } catch (error) {
    check("the shop of compose.yaml opens and sells", false, String(error));
  }
  console.log(`${outcomes.passed} passed, ${outcomes.failed} failed`);
  process.exit(outcomes.failed === 0 ? 0 : 1);
}
