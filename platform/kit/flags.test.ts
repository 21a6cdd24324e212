import assert from "node:assert/strict";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import { openFlags, parseFlags } from "./flags.ts";
import { silentLog } from "#platform/telemetry/log.ts";
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
