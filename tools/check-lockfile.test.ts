import assert from "node:assert/strict";
import { test } from "node:test";
import { checkLockfile } from "./check-lockfile.ts";
import { completeLockfile, type Lockfile } from "./complete-lockfile.ts";

const wanting = (name: string, version = "1.2.3"): Lockfile => ({
  packages: {
    "": {},
    "node_modules/tool": { version: "1.2.3", dev: true, optionalDependencies: { [name]: version } },
  },
});

test("an optional package without an entry is refused, and completing the lock file mends it", () => {
  const lock = wanting("@tool/binding-linux-arm64-musl");
  assert.match(checkLockfile(lock)[0] ?? "", /no entry for @tool\/binding-linux-arm64-musl@1\.2\.3/);
  const complete = completeLockfile(lock);
  assert.deepEqual(checkLockfile(complete), []);
  assert.deepEqual(complete.packages["node_modules/@tool/binding-linux-arm64-musl"], {
    version: "1.2.3",
    cpu: ["arm64"],
    dev: true,
    libc: ["musl"],
    optional: true,
    os: ["linux"],
  });
});

test("entries that exist are kept as they are, with their integrity", () => {
  const lock = wanting("@tool/linux-x64");
  const entry = { version: "1.2.3", integrity: "sha512-abc", optional: true };
  const complete = { packages: { ...lock.packages, "node_modules/@tool/linux-x64": entry } };
  assert.deepEqual(completeLockfile(complete), complete);
});

test("a name that states no platform, or a version that is not exact, is not guessed", () => {
  assert.throws(() => completeLockfile(wanting("fsevents")), /does not state a platform/);
  assert.throws(() => completeLockfile(wanting("@tool/linux-x64", "^1.2.3")), /exact version/);
});
