import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { it } from "node:test";
import { testFolder } from "#platform/testing/certificates.ts";
import { packageSource } from "../../commands/package-source.ts";

async function fill(folder: string, files: { readonly [path: string]: unknown }): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), JSON.stringify(content));
  }
}

const manifest = { name: "stoa", version: "1.2.3" };

it("a project made in the repository uses the packed file, and without one says how to make it", async () => {
  const folder = testFolder().path("project");
  await fill(folder, { "stoa/package.json": manifest });
  const source = () => packageSource(join(folder, "stoa"), join(folder, "my-shop"));
  await assert.rejects(source(), /npm run pack/);
  await fill(folder, { "stoa/stoa-1.2.3.tgz": "" });
  assert.equal(await source(), "file:../stoa/stoa-1.2.3.tgz");
});

it("a project made with an installed package uses what that was installed from", async () => {
  const folder = testFolder().path("project");
  const source = () => packageSource(join(folder, "node_modules/stoa"), join(folder, "shops/mine"));
  const resolvedTo = (resolved: string) => ({
    "node_modules/stoa/package.json": manifest,
    "node_modules/.package-lock.json": { packages: { "node_modules/stoa": { resolved } } },
  });
  await fill(folder, { "node_modules/stoa/package.json": manifest });
  assert.equal(await source(), "1.2.3");
  await fill(folder, resolvedTo("file:../packed/stoa-1.2.3.tgz"));
  assert.equal(await source(), "file:../../../packed/stoa-1.2.3.tgz");
  await fill(folder, resolvedTo("https://registry.example/stoa/-/stoa-1.2.3.tgz"));
  assert.equal(await source(), "1.2.3");
});
