/**
 * A shop is saved while people buy; orders go on; then its data folder is destroyed, and the backup is put back. Every order that was acknowledged
 * before the backup's moment must be there, and every invariant must hold, in one process and in split mode. Then backups are damaged in every
 * way, and the commands are killed at any moment. `--only <name>` plays one part. Prints a table and "N passed, N failed".
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { systemClock } from "#platform/kit/clock.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { readBackupKey } from "../../backup/backup-key.ts";
import type { Manifest } from "../../backup/manifest.ts";
import { readBackup } from "../../backup/verify-backup.ts";
import { audit, booksOf } from "../../audit/audit.ts";
import type { Attempt } from "../lab/buyer.ts";
import { buyOverRest, callRest, newGuest } from "../lab/rest-buyer.ts";
import { untilAtRest } from "../lab/rest.ts";
import { seededRandom } from "../lab/seeded-random.ts";
import { openSplitShop, type SplitShop } from "../lab/split-shop.ts";

const { values: options } = parseArgs({
  options: {
    only: { type: "string" },
    seed: { type: "string", default: "1" },
    kills: { type: "string", default: "4" },
  },
});
const random = seededRandom(Number(options.seed));
const program = new URL("../../main.ts", import.meta.url).pathname;
const product = "6E92ZMYYFZ";
const buyersAtOnce = 4;
const quiet = { at: () => undefined, clear: () => undefined };

const home = mkdtempSync(join(tmpdir(), "stoa-backup-"));
const keyFile = join(home, "key");
writeFileSync(keyFile, "a-key-of-the-test-0123456789-0123456789\n");
const otherKeyFile = join(home, "other-key");
writeFileSync(otherKeyFile, "another-key-of-the-test-0123456789-0123\n");
const key = readBackupKey(keyFile, join(home, "nowhere"));

const rows: string[] = [];
const failures: string[] = [];
let passed = 0;
let one: { readonly data: string; readonly path: string } | undefined;

try {
  await part("one process", async () => await destroyAndRestore("all"));
  await part("a named second", namedSecond);
  await part("damage", damage);
  await part("refusals", refusals);
  await part("kills", kills);
  await part("split mode", async () => await destroyAndRestore("split"));
} finally {
  rmSync(home, { recursive: true, force: true });
}
console.log(["", "| backup and restore | |", "| --- | --- |", ...rows, ""].join("\n"));
for (const failure of failures) console.log(`FAILED ${failure}`);
console.log(`${passed} passed, ${failures.length} failed`);
process.exit(failures.length === 0 && passed > 0 ? 0 : 1);

async function part(name: string, work: () => Promise<void>): Promise<void> {
  if (options.only !== undefined && options.only !== name) return;
  const startedMs = systemClock.monotonicMs();
  try {
    await work();
    passed += 1;
  } catch (error) {
    failures.push(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  console.log(`  ${name}: ${((systemClock.monotonicMs() - startedMs) / 1000).toFixed(1)} s`);
}

interface Bought {
  readonly attempt: Attempt;
  readonly answeredAt: string;
}

async function destroyAndRestore(role: "all" | "split"): Promise<void> {
  const folder = join(home, `${role}-data`);
  const backups = join(home, `${role}-backups`);
  const shop = await openSplitShop({ folder, role });
  const bought: Bought[] = [];
  let isOpen = true;
  const guest = await newGuest(shop.origin);
  const buyers = Array.from({ length: buyersAtOnce }, async () => {
    while (isOpen) {
      const attempt = await buyOverRest(shop.origin, product).catch(() => undefined);
      if (attempt && isOpen) bought.push({ attempt, answeredAt: systemClock.now().toISOString() });
    }
  });
  let first: Saved;
  try {
    await until(() => bought.length >= 5, "anybody buys");
    const before = bought.length;
    const startedMs = systemClock.monotonicMs();
    let second: Saved;
    [first, second] = await Promise.all([
      save(folder, backups, { BACKUP_KEY_FILE: keyFile }),
      save(folder, join(home, `${role}-plain`), {}),
    ]);
    const tookMs = systemClock.monotonicMs() - startedMs;
    assert.ok(bought.length > before, "people went on buying while it was saved");
    assert.ok(existsSync(join(second.path, "cluster.tar.zst")), "without a key nothing is encrypted");
    const after = bought.length;
    await until(() => bought.length >= after + 5, "anybody buys after the backup");
    rows.push(`| ${role}: two backups at once under load took | ${(tookMs / 1000).toFixed(1)} s |`);
    await must(0, "drill", [first.path], { STOA_DATA: folder, BACKUP_KEY_FILE: keyFile });
    await requireFacts(shop);
  } finally {
    isOpen = false;
    await destroy(shop, folder);
  }
  await Promise.all(buyers);
  const startedMs = systemClock.monotonicMs();
  await must(0, "restore", [first.path], { STOA_DATA: folder, BACKUP_KEY_FILE: keyFile });
  rows.push(
    `| ${role}: the restore took | ${((systemClock.monotonicMs() - startedMs) / 1000).toFixed(1)} s |`,
  );
  await must(0, "check", [], { STOA_DATA: folder });
  const again = await openSplitShop({ folder, role });
  try {
    await judge(again, bought, first.manifest);
    const { status } = await callRest(again.origin, "GET", "/api/cart/me", { token: guest.token });
    assert.equal(status, 200, "a guest of before the disaster is known after it");
    const { answer } = await buyOverRest(again.origin, product);
    assert.equal(answer.kind, "acknowledged", "the restored shop sells");
  } finally {
    await again.close();
  }
  await must(0, "check", [], { STOA_DATA: folder });
  rows.push(
    `| ${role}: orders acknowledged before the moment, all there | ${acknowledged(bought, first.manifest.at).length} |`,
  );
  rows.push(
    `| ${role}: orders acknowledged after it | ${acknowledged(bought).length - acknowledged(bought, first.manifest.at).length} |`,
  );
}

function acknowledged(bought: readonly Bought[], until = "9999"): string[] {
  return bought.flatMap(({ attempt: { answer }, answeredAt }) =>
    answer.kind === "acknowledged" && answeredAt <= until ? [answer.orderId] : [],
  );
}

/** The orders of before are there, none of a later one is half there, and every invariant holds when the shop has come to rest. */
async function judge(shop: SplitShop, bought: readonly Bought[], manifest: Manifest): Promise<void> {
  const databases = await shop.databases();
  await untilAtRest({ databases });
  const found = (await databases.get("order")?.rows<{ id: string }>("select id from orders")) ?? [];
  const there = new Set(found.map(({ id }) => id));
  const lost = acknowledged(bought, manifest.at).filter((id) => !there.has(id));
  assert.deepEqual(lost, [], "orders acknowledged before the backup's moment are lost");
  const findings = await audit(booksOf(databases), { restSeconds: 0 }, systemClock);
  assert.deepEqual(
    findings.flatMap(({ invariant, violations }) => violations.map((line) => `${invariant.id}: ${line}`)),
    [],
  );
}

async function requireFacts(shop: SplitShop): Promise<void> {
  for (const [service, db] of await shop.databases())
    for (const name of ["backup.last", "backup.drill"]) {
      const row = await db.row<{ value: string }>("select value from facts where name = $1", [name]);
      const { ok, bytes } = JSON.parse(row?.value ?? "{}") as { ok?: boolean; bytes?: number };
      assert.ok(ok === true && (bytes ?? 0) > 0, `the ${service} service knows of ${name}`);
    }
}

/** Everything dies at once, and the disk is gone. */
async function destroy(shop: SplitShop, folder: string): Promise<void> {
  const postmaster = Number(
    readFileSync(join(folder, "postgres/cluster/postmaster.pid"), "utf8").split("\n")[0],
  );
  for (const db of (await shop.databases()).values()) await db.close();
  await shop.end("SIGKILL");
  process.kill(postmaster, "SIGKILL");
  await until(() => !existsSync(`/proc/${postmaster}`), "the server is gone");
  await until(() => shop.pids().size === 0, "the services are gone");
  rmSync(folder, { recursive: true, force: true });
}

/** With the archive of the log a backup is brought to any later second: what was bought before is there, and nothing after. */
async function namedSecond(): Promise<void> {
  const folder = join(home, "pitr-data");
  const environment = {
    BACKUP_KEY_FILE: keyFile,
    WAL_ARCHIVE_TO: join(home, "pitr-archive"),
    WAL_ARCHIVE_SECONDS: "2",
  };
  const shop = await openSplitShop({ folder, role: "all", environment });
  const ids: string[] = [];
  const buy = async () =>
    ids.push(...acknowledged([{ attempt: await buyOverRest(shop.origin, product), answeredAt: "" }]));
  let saved: Saved;
  let named = "";
  try {
    await buy();
    saved = await save(folder, join(home, "pitr-backups"), environment);
    await buy();
    await systemClock.sleep(1_100);
    named = systemClock.now().toISOString();
    await systemClock.sleep(1_100);
    await buy();
    const boughtMs = systemClock.now().getTime();
    await until(() => Date.parse(coveredAt(environment.WAL_ARCHIVE_TO)) > boughtMs, "the log is archived");
  } finally {
    await destroy(shop, folder);
  }
  const archiveFrom = { ...environment, STOA_DATA: folder };
  const late = await run("restore", [saved.path, "--at", "2099-01-01T00:00:00Z"], archiveFrom);
  assert.match(late.said, /The archive of the log reaches to .*nothing later can be restored/);
  const early = await run("restore", [saved.path, "--at", "2020-01-01T00:00:00Z"], archiveFrom);
  assert.match(early.said, /can only be brought forward/);
  assert.ok(!existsSync(folder), "what is refused leaves nothing");
  for (const [at, count] of [
    ["latest", 3],
    // The shop has lived on meanwhile: the archive knows two histories.
    [named, 2],
  ] as const) {
    await must(0, "restore", [saved.path, "--at", at], archiveFrom);
    await must(0, "check", [], archiveFrom);
    const again = await openSplitShop({ folder, role: "all", environment });
    const there = await (await again.databases()).get("order")?.rows<{ id: string }>("select id from orders");
    await again.close();
    assert.deepEqual(there?.map(({ id }) => id).sort(), ids.slice(0, count).sort(), `orders as of ${at}`);
    rmSync(folder, { recursive: true });
  }
  rows.push("| restored to a named second, and to the latest of the archive | 2 and 3 of 3 orders |");
}

function coveredAt(archive: string): string {
  const [system = "none"] = existsSync(archive) ? readdirSync(archive) : [];
  const file = join(archive, system, "covered.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as { at: string }).at : "2000-01-01";
}

/** Whatever is done to a backup, nobody takes it for whole. */
async function damage(): Promise<void> {
  const { path } = await aBackup();
  const names = readdirSync(path);
  let tried = 0;
  for (const name of names)
    for (let time = 0; time < 3; time += 1) {
      const file = join(path, name);
      const whole = readFileSync(file);
      const changed = Buffer.from(whole);
      const at = Math.floor(random() * changed.length);
      changed[at] = (changed[at] ?? 0) ^ (1 + Math.floor(random() * 255));
      writeFileSync(file, changed);
      await mustRefuse(path, `${name} with byte ${at} changed`);
      truncateSync(file, Math.floor(random() * whole.length));
      await mustRefuse(path, `${name} cut off`);
      writeFileSync(file, whole);
      tried += 2;
    }
  for (const name of names) {
    renameSync(join(path, name), join(home, "aside"));
    await mustRefuse(path, `${name} missing`);
    renameSync(join(home, "aside"), join(path, name));
  }
  writeFileSync(join(path, "more"), "");
  await mustRefuse(path, "a file more");
  rmSync(join(path, "more"));
  await readBackup(path, key, quiet);
  await swapped(path);
  rows.push(`| changed bytes and cut off files, all refused | ${tried} |`);
}

/** Files of another backup under the same key, and other keys. */
async function swapped(path: string): Promise<void> {
  const { data } = await aBackup();
  const other = await save(data, join(home, "others"), { BACKUP_KEY_FILE: keyFile });
  for (const name of readdirSync(path)) {
    const mixed = join(home, "mixed");
    cpSync(path, mixed, { recursive: true });
    copyFileSync(join(other.path, name), join(mixed, name));
    await mustRefuse(mixed, `${name} of another backup`);
    rmSync(mixed, { recursive: true });
  }
  const verify = async (file: string | undefined) =>
    await run("verify", [path], { BACKUP_KEY_FILE: file ?? "", STOA_DATA: join(home, "none") });
  assert.match((await verify(otherKeyFile)).said, /encrypted with another key/);
  assert.match((await verify(undefined)).said, /is encrypted\. Set BACKUP_KEY_FILE/);
  assert.equal((await verify(keyFile)).code, 0);
}

async function mustRefuse(path: string, what: string): Promise<void> {
  await assert.rejects(readBackup(path, key, quiet), StartError, what);
}

/** What the commands do not touch, and what they say of it. */
async function refusals(): Promise<void> {
  const { path, data } = await aBackup();
  const refuse = async (
    sentence: RegExp,
    command: string,
    args: string[],
    environment: Record<string, string> = {},
  ) => {
    const { code, said } = await run(command, args, {
      STOA_DATA: data,
      BACKUP_KEY_FILE: keyFile,
      ...environment,
    });
    assert.notEqual(code, 0, `${command} ${args.join(" ")}`);
    assert.match(said, sentence);
    assert.doesNotMatch(said, /\n {4}at /, "a sentence, and no stack");
  };
  const before = readdirSync(data).sort();
  await refuse(/There is something in .* already .*Nothing was touched/, "restore", [path]);
  assert.deepEqual(readdirSync(data).sort(), before);
  const empty = join(home, "empty");
  mkdirSync(empty);
  await refuse(/is no backup: there is no such folder/, "restore", [join(home, "no")], { STOA_DATA: empty });
  await refuse(/is no backup: it holds no manifest.json/, "verify", ["/etc"]);
  writeFileSync(join(home, "foreign.txt"), "x");
  await refuse(/is no backup: it is a file/, "verify", [join(home, "foreign.txt")]);
  await refuse(/would be lost with the data folder/, "backup", ["--to", join(data, "backups")]);
  await refuse(/cannot be written .* a part of that path is a file/, "backup", ["--to", join(keyFile, "x")]);
  await refuse(/lies among the backups that it closes/, "backup", ["--to", home]);
  const inside = join(data, "key");
  copyFileSync(keyFile, inside);
  await refuse(/inside of the data folder/, "backup", ["--to", join(home, "b")], { BACKUP_KEY_FILE: inside });
  rmSync(inside);
  assert.deepEqual(readdirSync(empty), []);
  const shop = await openSplitShop({ folder: data, role: "all" });
  try {
    await refuse(/A shop is running on .*Nothing was touched/, "restore", [path]);
    await refuse(/A shop is running on .*Nothing was touched/, "restore", [path, "--force"]);
  } finally {
    await shop.close();
  }
  await must(0, "restore", [path, "--force"], { STOA_DATA: data, BACKUP_KEY_FILE: keyFile });
  assert.ok(
    readdirSync(home).some((name) => name.startsWith("one-data.before-")),
    "what was there is kept",
  );
  await fullDisk(data);
}

/** Where a small disk can be made: it fills up in the middle of a backup, which says so and leaves nothing. */
async function fullDisk(data: string): Promise<void> {
  const disk = join(home, "disk");
  mkdirSync(disk);
  const mount = spawn("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", disk], { stdio: "ignore" });
  const [code] = (await once(mount, "exit").catch(() => [1])) as [number];
  if (code !== 0) return void rows.push("| a full disk | no small disk can be made here |");
  try {
    const { said } = await must(1, "backup", ["--to", disk], { STOA_DATA: data });
    assert.match(said, /its disk is full\. There is no new backup/);
    assert.deepEqual(readdirSync(disk), []);
    rows.push("| a full disk | said, and nothing left |");
  } finally {
    await once(spawn("umount", [disk], { stdio: "ignore" }), "exit");
  }
}

/** Killed at any moment, a backup leaves none that looks whole, and a restore nothing that looks like a shop. */
async function kills(): Promise<void> {
  const { path, data } = await aBackup();
  const place = join(home, "killed-backups");
  const target = join(home, "killed-data");
  const environment = { STOA_DATA: data, BACKUP_KEY_FILE: keyFile };
  let cutOff = 0;
  for (let kill = 0; kill < Number(options.kills); kill += 1) {
    cutOff += Number(await killedAfter(300 + random() * 3_500, "backup", ["--to", place], environment));
    const names = existsSync(place) ? readdirSync(place) : [];
    for (const name of names.filter((one) => !one.endsWith(".part")))
      await readBackup(join(place, name), key, quiet);
  }
  await must(0, "backup", ["--to", place], environment);
  assert.ok(
    readdirSync(place).every((name) => !name.endsWith(".part")),
    "parts of dead programs are gone",
  );
  for (let kill = 0; kill < Number(options.kills); kill += 1) {
    const to = { ...environment, STOA_DATA: target };
    const wasKilled = await killedAfter(300 + random() * 6_000, "restore", [path], to);
    cutOff += Number(wasKilled);
    assert.equal(existsSync(target), !wasKilled, "there is a whole shop or none");
    if (!wasKilled) rmSync(target, { recursive: true });
  }
  await must(0, "restore", [path], { ...environment, STOA_DATA: target });
  const strange = readdirSync(home).filter((name) => name.startsWith("killed-data."));
  assert.deepEqual(strange, [], "what killed restores left is gone");
  await must(0, "check", [], { STOA_DATA: target });
  rows.push(`| backups and restores killed in the middle | ${cutOff} |`);
}

/** Whether it had to be killed: it may have been done before. */
async function killedAfter(ms: number, command: string, args: string[], environment: Record<string, string>) {
  const child = start(command, args, environment);
  child.stdout.resume();
  child.stderr.resume();
  const ended = once(child, "exit");
  const timer = systemClock.after(ms, () => child.kill("SIGKILL"));
  const [code] = (await ended) as [number | null];
  timer.stop();
  return code === null;
}

interface Saved {
  readonly path: string;
  readonly manifest: Manifest;
}

/** A shop at rest with a few orders, and a backup of it; made once. */
async function aBackup() {
  if (one) return one;
  const data = join(home, "one-data");
  const shop = await openSplitShop({ folder: data, role: "all" });
  try {
    for (let count = 0; count < 3; count += 1) await buyOverRest(shop.origin, product);
    await untilAtRest({ databases: await shop.databases() });
  } finally {
    await shop.close();
  }
  const { path } = await save(data, join(home, "one-backups"), { BACKUP_KEY_FILE: keyFile });
  return (one = { data, path });
}

async function save(data: string, to: string, environment: Record<string, string>): Promise<Saved> {
  const { said } = await must(0, "backup", ["--to", to], { ...environment, STOA_DATA: data });
  const path = said.trimEnd().split("\n").at(-1) ?? "";
  const manifest = JSON.parse(readFileSync(join(path, "manifest.json"), "utf8")) as Manifest;
  return { path, manifest };
}

async function must(code: number, command: string, args: string[], environment: Record<string, string>) {
  const result = await run(command, args, environment);
  assert.equal(result.code, code, `stoa ${command} ${args.join(" ")} said:\n${result.said}`);
  return result;
}

async function run(command: string, args: string[], environment: Record<string, string>) {
  const child = start(command, args, environment);
  const parts: Record<"out" | "err", string> = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (parts.out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (parts.err += text));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, said: parts.err + parts.out };
}

function start(command: string, args: string[], environment: Record<string, string>) {
  return spawn(process.execPath, [program, command, ...args], {
    env: { ...process.env, ...environment },
    cwd: home,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  const untilMs = systemClock.monotonicMs() + 60_000;
  while (!isSo()) {
    if (systemClock.monotonicMs() > untilMs)
      throw new Error(`It did not come to this within a minute: ${what}.`);
    await systemClock.sleep(50);
  }
}
