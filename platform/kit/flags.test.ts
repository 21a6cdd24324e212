import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
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
