// The guides show the files of extensions/example, so that what is read is what is tested here every day.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { it } from "node:test";
import { asInProject } from "./example-files.ts";
import { blocksOf } from "./guides.ts";

const root = new URL("../../", import.meta.url);
const read = async (path: string) => await readFile(new URL(path, root), "utf8");
const guides = (await readdir(new URL("docs/guides/", root))).map((name) => `docs/guides/${name}`);

/** Line breaks are the formatter's: it breaks a line where it is too long with the paths of here or of there. */
const words = (text: string) =>
  text
    .replaceAll(/\s+/g, " ")
    .replaceAll(/,? ?([)\]}])/g, "$1")
    .trim();

it("what a guide writes is what the example has, file by file", async () => {
  const same: string[] = [];
  for (const guide of guides)
    for (const { text, facts } of blocksOf(await read(guide))) {
      const path = /^extensions\/(?:gifts|occasion)\/(.+)$/.exec(facts["file"] ?? "")?.[1];
      // What is added differs: each guide adds one thing, the example all of them.
      if (path === undefined || path === "extension.ts") continue;
      const own = `extensions/example/${path}`;
      assert.ok(existsSync(new URL(own, root)), `${guide} writes ${path}, which the example does not have.`);
      assert.equal(words(text), words(asInProject(path, await read(own))), `${guide} differs from ${own}.`);
      same.push(path);
    }
  assert.deepEqual(same.sort(), [
    "entry.ts",
    "inbox.ts",
    "migrations/0001-create-gift-notes.sql",
    "notes.test.ts",
    "occasion.test.ts",
    "occasion.ts",
    "proto/gifts/v1/gifts.proto",
    "routes.ts",
    "rpc/leave-note.ts",
    "rpc/list-notes.ts",
    "service.ts",
    "store.ts",
  ]);
});

it("a guide names the versions of tools that the house uses", async () => {
  const { devDependencies } = JSON.parse(await read("package.json")) as {
    devDependencies: { [name: string]: string };
  };
  const named = (await Promise.all(guides.map(read))).flatMap((text) => [
    ...text.matchAll(/ (@[\w-]+\/[\w-]+)@(\d[\w.-]*)/g),
  ]);
  assert.equal(named.length, 2);
  for (const [, name = "", version] of named) assert.equal(version, devDependencies[name], name);
});
