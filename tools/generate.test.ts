import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { applyDifferences, compareTrees } from "./generate.ts";

function makeTree(t: TestContext, files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), "stoa-generate-test-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

test("missing, stale and left-over generated files are told apart; files of others are left alone", (t) => {
  const repository = makeTree(t, {
    "gen/a.js": "old",
    "gen/deep/gone.js": "x",
    "gen/same.js": "s",
    "docs/own.md": "mine",
  });
  const fresh = makeTree(t, { "gen/a.js": "new", "gen/deep/b.js": "b", "gen/same.js": "s" });
  const differences = compareTrees(repository, fresh, ["gen"]);
  assert.deepEqual(differences, [
    { path: "gen/a.js", kind: "stale" },
    { path: "gen/deep/b.js", kind: "missing" },
    { path: "gen/deep/gone.js", kind: "unexpected" },
  ]);

  applyDifferences(repository, fresh, differences);
  assert.deepEqual(compareTrees(repository, fresh, ["gen"]), []);
  assert.equal(readFileSync(join(repository, "gen/a.js"), "utf8"), "new");
  assert.equal(existsSync(join(repository, "gen/deep/gone.js")), false);
  assert.equal(readFileSync(join(repository, "docs/own.md"), "utf8"), "mine");
});

test("a generator may own a single file", (t) => {
  const repository = makeTree(t, { "docs/errors.md": "old", "docs/other.md": "mine" });
  const fresh = makeTree(t, { "docs/errors.md": "new" });
  assert.deepEqual(compareTrees(repository, fresh, ["docs/errors.md"]), [
    { path: "docs/errors.md", kind: "stale" },
  ]);
});
