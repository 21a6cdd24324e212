import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { globSync } from "node:fs";
import { it } from "node:test";
import { errorTables } from "./generate-reference.ts";

const thrown = /\b(?:appError|new AppError)\(\s*"([a-z_]+)",\s*"([A-Z][A-Z0-9_]+)"/g;

it("every refusal in the code stands in the error table of its service or of the kit, with the same kind", async () => {
  const tables = await errorTables();
  const kit = tables.find(({ name }) => name === "platform")?.reasons ?? {};
  const missing: string[] = [];
  for (const file of globSync("{platform,services}/**/*.ts")) {
    if (file.endsWith(".test.ts") || file.includes("testing")) continue;
    const service = /^services\/([a-z]+)\//.exec(file)?.[1];
    const own = tables.find(({ name }) => name === service)?.reasons ?? {};
    for (const [, kind, reason = ""] of readFileSync(file, "utf8").matchAll(thrown)) {
      if ((own[reason] ?? kit[reason])?.kind !== kind) missing.push(`${file}: ${reason} (${kind})`);
    }
  }
  assert.deepEqual(missing, []);
});

it("the same reason has the same kind everywhere", async () => {
  const kinds = new Map<string, string>();
  for (const { name, reasons } of await errorTables()) {
    for (const [reason, { kind }] of Object.entries(reasons)) {
      assert.equal(kinds.get(reason) ?? kind, kind, `${reason} in ${name}`);
      kinds.set(reason, kind);
    }
  }
});
