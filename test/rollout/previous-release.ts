/**
 * The release before this one, beside it: its service tests run on the schema of this tree, and its processes on the databases of a
 * shop of this tree, while both sell. Prints what the two can do together and "N passed, N failed"; says that it is skipped, and why, where
 * the history or the packages of that release are not at hand.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { audit, booksOf } from "../../audit/audit.ts";
import { freePorts } from "#platform/kit/free-ports.ts";
import { systemClock } from "#platform/kit/clock.ts";
import type { Attempt } from "../lab/buyer.ts";
import { contradictions } from "../lab/history.ts";
import { openLinkedShop, type LinkedShop } from "../lab/linked-shop.ts";
import { buyOverRest } from "../lab/rest-buyer.ts";
import { untilAtRest } from "../lab/rest.ts";
import { ShopProcess } from "../lab/shop-process.ts";

const release = "7b6704d";
const here = new URL("../../", import.meta.url).pathname;
/** Its tests of what this release does otherwise on purpose; docs/operate/rolling-updates.md says why. */
const meantToFail = [
  "services/catalog/rpc/replace-product.test.ts: when the first variant goes, a new one takes its place and id; with none new that is refused",
];
const product = "6E92ZMYYFZ";
const purchases = 10;
const failures: string[] = [];

const tree = await mkdtemp(join(tmpdir(), "stoa-previous-"));
try {
  const missing = fetchRelease();
  if (missing !== undefined) {
    console.log(`SKIPPED: ${missing}\n0 passed, 0 failed`);
    process.exit(0);
  }
  await sellTogether();
  await testOnThisSchema();
} catch (error) {
  failures.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
} finally {
  await rm(tree, { recursive: true, force: true });
}
for (const failure of failures) console.log(`FAILED ${failure}`);
console.log(failures.length === 0 ? "2 passed, 0 failed" : "0 passed, 1 failed");
process.exit(failures.length === 0 ? 0 : 1);

/** What is missing; undefined when the release lies in `tree` with its packages. */
function fetchRelease(): string | undefined {
  const archive = spawnSync("git", ["-C", here, "archive", release], { maxBuffer: 1024 ** 3 });
  if (archive.status !== 0) return `the history of this copy does not reach back to ${release}.`;
  execFileSync("tar", ["-x", "-C", tree], { input: archive.stdout });
  const words = ["ci", "--no-audit", "--no-fund", "--ignore-scripts"];
  const installed = spawnSync("npm", words, { cwd: tree, encoding: "utf8", timeout: 150_000 });
  return installed.status === 0
    ? undefined
    : `the packages of ${release} could not be installed: ${installed.stderr.slice(-300)}`;
}

/** Two shops of processes on the same databases: people of both buy at once, and the books are one. */
async function sellTogether(): Promise<void> {
  const shop = await openLinkedShop();
  const old = await oldProcesses(shop);
  try {
    for (const process of old) process.spawn();
    await Promise.all(old.map((process) => process.untilReady()));
    const gateway = old.find(({ service }) => service === "gateway");
    const attempts: Attempt[] = [];
    const buyAt = async (origin: string) => {
      for (let count = 0; count < purchases; count += 1) attempts.push(await buyOverRest(origin, product));
    };
    await Promise.all([buyAt(shop.origin), buyAt(`http://127.0.0.1:${gateway?.httpPort}`)]);
    const bought = attempts.filter(({ answer }) => answer.kind === "acknowledged").length;
    if (bought !== 2 * purchases) failures.push(`${bought} of ${2 * purchases} purchases were acknowledged`);
    const databases = shop.databases();
    await untilAtRest({ databases });
    const findings = await audit(booksOf(databases), { restSeconds: 0 }, systemClock);
    for (const { invariant, violations } of findings)
      failures.push(...violations.map((line) => `${invariant.id}: ${line}`));
    failures.push(...(await contradictions({ databases }, attempts)));
    console.log(
      `${old.length} processes of ${release} beside ${shop.processes.length} of this tree, on the same databases: ${bought} orders.`,
    );
  } finally {
    await Promise.all(old.map((process) => process.kill()));
    await shop.close();
  }
}

/** The processes of the release, each on the database of its successor, with addresses of their own. */
async function oldProcesses(shop: LinkedShop): Promise<ShopProcess[]> {
  const successors = shop.processes.filter(({ service }) => existsSync(join(tree, "services", service)));
  const taken = shop.processes.flatMap((process) => [
    process.grpcPort,
    process.httpPort,
    process.operationsPort,
  ]);
  const ports = await freePorts(successors.length * 3, taken);
  const seats = successors.map((successor) => {
    const [grpcPort = 0, httpPort = 0, operationsPort = 0] = ports.splice(0, 3);
    return { successor, grpcPort, httpPort, operationsPort };
  });
  const urls = Object.fromEntries(
    seats.map(({ successor: { service }, grpcPort, httpPort }) => [
      `${service.toUpperCase()}_URL`,
      service === "gateway" || service === "storefront"
        ? `http://127.0.0.1:${httpPort}`
        : `127.0.0.1:${grpcPort}`,
    ]),
  );
  return seats.map(({ successor, ...own }) => {
    const { name, service, host, environment } = successor;
    const { FILES_PROVIDER: _, ADMIN_URL: __, ...known } = environment;
    const gateway = seats.find((seat) => seat.successor.service === "gateway");
    const said = {
      ...known,
      ...urls,
      SHOP_URL: `http://127.0.0.1:${gateway?.httpPort}`,
      PORT: String(own.httpPort),
      GRPC_PORT: String(own.grpcPort),
      HTTP_PORT: String(own.operationsPort),
    };
    return new ShopProcess({ name: `old ${name}`, service, host, ...own, tree, environment: said });
  });
}

/** Its service tests make their databases from migrations: they get those of this tree. */
async function testOnThisSchema(): Promise<void> {
  for (const service of await readdir(join(tree, "services")))
    await takeMigrations(
      join(here, "services", service, "migrations"),
      join(tree, "services", service, "migrations"),
    );
  await takeMigrations(join(here, "platform/database/migrations"), join(tree, "platform/migrations"));
  const entries = await readdir(join(tree, "services"), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => `services/${name}`);
  const { stdout } = spawnSync("npm", ["test", "--", ...folders], {
    cwd: tree,
    encoding: "utf8",
    maxBuffer: 1024 ** 3,
  });
  const summary = /(\d+) passed, (\d+) failed, \d+ skipped\s*$/.exec(stdout);
  const [, list = ""] = /\nFailed:\n((?: {2}.*\n)+)/.exec(stdout) ?? [];
  const failed = list
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  if (!summary) failures.push(`its tests did not run: ${stdout.slice(-500)}`);
  failures.push(
    ...failed.filter((line) => !meantToFail.includes(line)).map((line) => `on this schema: ${line}`),
  );
  console.log(
    `Tests of ${release} on the schema of this tree: ${summary?.[1]} passed, ${failed.length} failed (${meantToFail.length} are meant to).`,
  );
}

async function takeMigrations(from: string, to: string): Promise<void> {
  if (!existsSync(from) || !existsSync(to)) return;
  const known = new Set(await readdir(to));
  for (const file of await readdir(from)) {
    if (known.has(file)) continue;
    const sql = await readFile(join(from, file), "utf8");
    // Its runner knows only transactions; on an empty database the index is the same.
    await writeFile(
      join(to, file),
      sql.startsWith("-- no transaction") ? sql.replaceAll(/ concurrently/gi, "") : sql,
    );
  }
}
