import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";

/** Lints one planted file with the configuration of this repository and returns the names of the rules that fire. */
function lint(text: string, fileName = "planted.ts"): string[] {
  const folder = mkdtempSync(join(tmpdir(), "stoa-lint-test-"));
  try {
    for (const file of [".oxlintrc.json", "tsconfig.json", "package.json"]) cpSync(file, join(folder, file));
    symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
    mkdirSync(join(folder, "platform"));
    writeFileSync(join(folder, "platform", fileName), text);
    const run = spawnSync(resolve("node_modules/.bin/oxlint"), ["--format", "json"], {
      cwd: folder,
      encoding: "utf8",
    });
    const { diagnostics }: { diagnostics: { code: string }[] } = JSON.parse(run.stdout);
    assert.equal(run.status, diagnostics.length > 0 ? 1 : 0, run.stderr);
    return [...new Set(diagnostics.map(({ code }) => code.replace(/^.*\((.*)\)$/, "$1")))].sort();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const ask = "const ask = async () => Promise.resolve(1);\n";

test("a promise that nobody waits for does not lint", () => {
  assert.deepEqual(lint(`${ask}export const a = () => {\n  ask();\n};\n`), ["no-floating-promises"]);
  assert.deepEqual(lint(`${ask}export const a = () => (ask() ? 1 : 2);\n`), ["no-misused-promises"]);
  assert.deepEqual(lint(`${ask}export const a = async () => {\n  await ask();\n};\n`), []);
});

test("a test of node:test needs no await", () => {
  assert.deepEqual(
    lint('import { test } from "node:test";\ntest("a", async () => Promise.resolve());\n', "a.test.ts"),
    [],
  );
});

test("a switch that forgets a case does not lint", () => {
  const kinds = 'type Kind = "a" | "b";\n';
  const found = lint(
    `${kinds}export function name(kind: Kind) {\n  switch (kind) {\n    case "a":\n      return 1;\n  }\n  return 0;\n}\n`,
  );
  assert.deepEqual(found, ["switch-exhaustiveness-check"]);
});

test("any, non-null assertions, default exports and values imported for their type only do not lint", () => {
  assert.deepEqual(lint("export const a = (b: any) => String(b);\n"), ["no-explicit-any"]);
  assert.deepEqual(lint("export const a = (b?: string) => b!.length;\n"), ["no-non-null-assertion"]);
  assert.deepEqual(lint("export default 1;\n"), ["no-default-export"]);
  assert.deepEqual(lint('import { Stats } from "node:fs";\nexport const a = (b: Stats) => b.size;\n'), [
    "consistent-type-imports",
  ]);
  assert.deepEqual(lint('import { sep } from "path";\nexport const a = sep;\n'), ["prefer-node-protocol"]);
});

test("files, functions and parameter lists that grow too long do not lint, and tests may be longer", () => {
  const lines = (count: number) =>
    Array.from({ length: count }, (_, at) => `export const a${at} = ${at};`).join("\n");
  const body = `export function f() {\n  const all = [];\n${"  all.push(1);\n".repeat(60)}  return all;\n}\n`;
  assert.deepEqual(lint(lines(401)), ["max-lines"]);
  assert.deepEqual(lint(lines(401), "a.test.ts"), []);
  assert.deepEqual(lint(lines(601), "a.test.ts"), ["max-lines"]);
  assert.deepEqual(lint(body), ["max-lines-per-function"]);
  assert.deepEqual(lint("export const f = (a = 1, b = 2, c = 3, d = 4, e = 5) => a + b + c + d + e;\n"), [
    "max-params",
  ]);
  assert.deepEqual(lint("export const a = 1;\n", "BadName.ts"), ["filename-case"]);
});
