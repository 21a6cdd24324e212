import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { testDatabase } from "#platform/testing/databases.ts";
import { TestClock } from "#platform/testing/test-clock.ts";
import type { AnyService } from "#platform/kit/service.ts";
import { fileStoreContract } from "./provider.contract.ts";
import { catalog } from "./service.ts";
import { openDatabaseFiles, openFolderFiles, testFolder } from "./testing/open-files.ts";

// Before the first test: what a test opens ends with it.
const db = await testDatabase(catalog as AnyService);

fileStoreContract("folder", async () => {
  const folder = testFolder();
  return { store: await openFolderFiles(folder), again: async () => await openFolderFiles(folder) };
});

fileStoreContract("database", async () => {
  const store = await openDatabaseFiles(db);
  for (const { name } of await store.list("", 1_000)) await store.remove(name);
  return { store, again: async () => await openDatabaseFiles(db) };
});

it(
  "folder: a process that is killed while it puts leaves whole files only",
  { timeout: 60_000 },
  async () => {
    const folder = testFolder();
    let listed: readonly { name: string }[] = [];
    for (let round = 0; round < 4; round += 1) {
      const child = fork(new URL("./testing/put-files.ts", import.meta.url), [folder]);
      // Whatever it is at when it says that another file is there, it is at the next one.
      const wanted = 2 + round;
      await new Promise<void>((resolve) => {
        let put = 0;
        child.on("message", () => (put += 1) === wanted && child.kill("SIGKILL"));
        child.on("exit", () => resolve());
      });
      const store = await openFolderFiles(folder);
      listed = await store.list("", 1_000);
      for (const { name } of listed) {
        const content = (await store.get(name))?.content ?? new Uint8Array();
        assert.equal(`${createHash("sha256").update(content).digest("hex")}.png`, name);
      }
    }
    assert.ok(listed.length > 10, `${listed.length} files were put`);
  },
);

it("folder: what was left half written is forgotten after an hour, and not while somebody may be at it", async () => {
  const folder = testFolder();
  const clock = new TestClock();
  mkdirSync(join(folder, "unfinished"));
  const [left, young] = ["left", "young"].map((name) => join(folder, "unfinished", name)) as [string, string];
  for (const path of [left, young]) writeFileSync(path, "half");
  const seconds = clock.now().getTime() / 1000;
  utimesSync(left, seconds - 3_700, seconds - 3_700);
  utimesSync(young, seconds - 3_500, seconds - 3_500);
  await openFolderFiles(folder, clock);
  assert.deepEqual(readdirSync(join(folder, "unfinished")), ["young"]);
});
