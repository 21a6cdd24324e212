import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import type { FlagSwitch, FlagValue } from "./flag-switch.ts";
import { openFlags, parseFlags } from "./flags.ts";
import { createLogger, silentLog } from "#platform/telemetry/log.ts";
import { TestClock } from "#platform/testing/test-clock.ts";

const folder = mkdtempSync(join(tmpdir(), "stoa-flags-"));
after(() => rmSync(folder, { recursive: true }));
const defaults = { MAINTENANCE_MODE: false, ENABLE_CHECKOUT: true };
let files = 0;

async function flagsOf(text: string | undefined) {
  const clock = new TestClock();
  const file = join(folder, `flags-${(files += 1)}`);
  const write = (content: string, second: number) => {
    writeFileSync(file, content);
    utimesSync(file, second, second);
  };
  if (text !== undefined) write(text, 1);
  const flags = await openFlags(`test-${files}`, { defaults, file, clock, log: silentLog });
  return { clock, file, write, flags };
}

const switched = (name: string, value: FlagValue, share = 1): FlagSwitch => {
  return { name, value, share, reason: "a test", by: "an-admin", at: new Date(0) };
};

it("what is switched goes before the file and the settings until it is taken back, of the flag's own type only", async () => {
  const { flags } = await flagsOf("MAINTENANCE_MODE=true");
  flags.hear([switched("MAINTENANCE_MODE", false), switched("ENABLE_CHECKOUT", "no")]);
  assert.equal(await flags.isOn("MAINTENANCE_MODE"), false);
  assert.equal(await flags.isOn("ENABLE_CHECKOUT"), true);
  const [, maintenance] = (await flags.list()).toSorted((left, right) => (left.name < right.name ? -1 : 1));
  assert.equal(maintenance?.source, "switch");
  assert.deepEqual(maintenance?.unswitched, { value: true, source: "file" });
  flags.hear([]);
  assert.equal(await flags.isOn("MAINTENANCE_MODE"), true);
});

it("a share of the users gets what is switched: the same ones each time, and they stay in as it grows", async () => {
  const { flags } = await flagsOf(undefined);
  const users = Array.from({ length: 2_000 }, (_, index) => `user-${index}`);
  const on = async (share: number) => {
    flags.hear([switched("MAINTENANCE_MODE", true, share)]);
    const answers = await Promise.all(users.map((userId) => flags.isOn("MAINTENANCE_MODE", { userId })));
    return new Set(users.filter((_, index) => answers[index]));
  };
  const some = await on(0.1);
  assert.ok(some.size > 140 && some.size < 260, String(some.size));
  assert.deepEqual(await on(0.1), some);
  assert.ok(some.isSubsetOf(await on(0.3)));
  assert.equal(await flags.isOn("MAINTENANCE_MODE"), false, "nobody in particular is not among them");
  assert.equal((await flags.evaluate("MAINTENANCE_MODE", { userId: [...some][0] }))?.reason, "SPLIT");
});

it("flags are numbers, texts and objects, too: from the settings, from the file and switched", async () => {
  const file = join(folder, "typed");
  writeFileSync(file, "ROWS=20 # more\nCOLOUR='sea green'\nLIMITS: '{\"a\": [1]}'\nSIZE=large\n");
  const typed = { ROWS: 10, COLOUR: "red", LIMITS: {}, SIZE: 3, ENABLE_CHECKOUT: true };
  const flags = await openFlags("test-typed", {
    defaults: typed,
    file,
    clock: new TestClock(),
    log: silentLog,
  });
  const values = async () => await Promise.all(Object.keys(typed).map((name) => flags.value(name)));
  assert.deepEqual(await values(), [20, "sea green", { a: [1] }, 3, true]);
  flags.hear([switched("ROWS", 7), switched("COLOUR", "blue"), switched("LIMITS", { b: null })]);
  assert.deepEqual(await values(), [7, "blue", { b: null }, 3, true]);
  assert.equal(await flags.value("NO_SUCH_FLAG"), undefined);
});

it("lines of settings files and of flat YAML are read; everything else is passed over", () => {
  const text = `# flags
MAINTENANCE_MODE=true
  ENABLE_CHECKOUT: "off"   # for a while
ENABLE_RECOMMENDATIONS: 1
data:
OTHER=maybe
lower_case: yes
`;
  assert.deepEqual(Object.fromEntries(parseFlags(text)), {
    MAINTENANCE_MODE: true,
    ENABLE_CHECKOUT: false,
    ENABLE_RECOMMENDATIONS: true,
  });
});

it("the file overrides the settings for the flags it names, and only for those", async () => {
  const { flags } = await flagsOf("MAINTENANCE_MODE=true");
  assert.equal(await flags.isOn("MAINTENANCE_MODE"), true);
  assert.equal(await flags.isOn("ENABLE_CHECKOUT"), true);
  assert.equal(await flags.isOn("NO_SUCH_FLAG"), false);
});

it("a change of the file is in force within 10 seconds, also one that takes a line out", async () => {
  const { flags, clock, write } = await flagsOf("MAINTENANCE_MODE=true");
  assert.equal(await flags.isOn("MAINTENANCE_MODE"), true);
  write("ENABLE_CHECKOUT=false", 2);
  clock.advance(10_000);
  assert.equal(await flags.isOn("MAINTENANCE_MODE"), false);
  assert.equal(await flags.isOn("ENABLE_CHECKOUT"), false);
});

it("a file that is away leaves the last known values in force, and one that comes later counts", async () => {
  const { flags, clock, file, write } = await flagsOf("MAINTENANCE_MODE=on");
  assert.equal(await flags.isOn("MAINTENANCE_MODE"), true);
  rmSync(file);
  clock.advance(10_000);
  assert.equal(await flags.isOn("MAINTENANCE_MODE"), true);
  write("MAINTENANCE_MODE=off", 3);
  clock.advance(10_000);
  assert.equal(await flags.isOn("MAINTENANCE_MODE"), false);

  const late = await flagsOf(undefined);
  assert.equal(await late.flags.isOn("ENABLE_CHECKOUT"), true);
  late.write("ENABLE_CHECKOUT=false", 1);
  late.clock.advance(10_000);
  assert.equal(await late.flags.isOn("ENABLE_CHECKOUT"), false);
});

it("the nested file and the flat keys of the first seed are read as they stand there (S0-46, C37)", () => {
  const expected = { ENABLE_CHECKOUT: true, ENABLE_RECOMMENDATIONS: false, MAINTENANCE_MODE: true };
  const nested = `FEATURES:\r\n  ENABLE_CHECKOUT: "true"\r\n  ENABLE_RECOMMENDATIONS: 'false'\r\n  MAINTENANCE_MODE: on\r\n`;
  const flat =
    'FEATURES.ENABLE_CHECKOUT: "true"\nFEATURES.ENABLE_RECOMMENDATIONS=false\n"FEATURES.MAINTENANCE_MODE": "true"\n';
  const json =
    '{\n  "ENABLE_CHECKOUT": true,\n  "ENABLE_RECOMMENDATIONS": false,\n  "MAINTENANCE_MODE": true\n}';
  for (const text of [nested, flat, json]) assert.deepEqual(Object.fromEntries(parseFlags(text)), expected);
});

it("a ConfigMap that is swapped as a link is seen within 10 seconds, also when both versions are of one second", async () => {
  const mount = mkdtempSync(join(folder, "mount-"));
  const put = (version: string, text: string) => {
    mkdirSync(join(mount, version));
    const file = join(mount, version, "features.yaml");
    writeFileSync(file, text);
    utimesSync(file, 1, 1);
    symlinkSync(version, join(mount, "..data_tmp"));
    renameSync(join(mount, "..data_tmp"), join(mount, "..data"));
  };
  put("..one", 'FEATURES:\n  MAINTENANCE_MODE: "false"\n');
  symlinkSync("..data/features.yaml", join(mount, "features.yaml"));
  const clock = new TestClock();
  const file = join(mount, "features.yaml");
  const flags = await openFlags("test-mount", { defaults, file, clock, log: silentLog });
  assert.equal(await flags.isOn("MAINTENANCE_MODE"), false);
  put("..two", 'FEATURES:\n  MAINTENANCE_MODE: "true"\n');
  clock.advance(10_000);
  assert.equal(await flags.isOn("MAINTENANCE_MODE"), true);
});

it("a file that stays away is told of once, and once more when it went away again", async () => {
  const lines: string[] = [];
  const log = createLogger({ level: "warn", format: "json" }, (line) => lines.push(line));
  const clock = new TestClock();
  const file = join(folder, "away");
  const flags = await openFlags("test-away", { defaults, file, clock, log });
  const look = async () => {
    await flags.isOn("MAINTENANCE_MODE");
    clock.advance(10_000);
  };
  for (let count = 0; count < 5; count += 1) await look();
  assert.equal(lines.length, 1);
  writeFileSync(file, "MAINTENANCE_MODE=on");
  await look();
  rmSync(file);
  await look();
  assert.equal(lines.length, 2);
  assert.equal(await flags.isOn("MAINTENANCE_MODE"), true);
});
