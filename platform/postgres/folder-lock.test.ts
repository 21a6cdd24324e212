import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type FolderLock, lockFolder } from "./folder-lock.ts";
import { processIdentity } from "./process-identity.ts";
import { StartError } from "#platform/kit/start-error.ts";

function newFolder(t: { after(work: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), "stoa-lock-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test("a folder that a running program holds is refused, and the refusal names that program", async (t) => {
  const folder = newFolder(t);
  const otherProgram = process.ppid;
  writeFileSync(join(folder, `in-use-by.${processIdentity(otherProgram)}`), "");
  await assert.rejects(lockFolder(folder, 300), (error: unknown) => {
    assert.ok(error instanceof StartError);
    assert.match(
      error.message,
      new RegExp(`in use by another running program \\(process ${otherProgram}\\)`),
    );
    return true;
  });
  assert.equal(readdirSync(folder).length, 1, "the refused program leaves no entry of its own");
});

test("an entry of a program that is gone does not block, not even when its number lives again", async (t) => {
  const folder = newFolder(t);
  const recycled = (processIdentity(process.ppid) ?? "").replace(/^(\d+)\.\w+/, "$1.1");
  writeFileSync(join(folder, `in-use-by.${recycled}`), "");
  const lock = await lockFolder(folder, 0);
  assert.deepEqual(readdirSync(folder), [`in-use-by.${processIdentity(process.pid)}`]);
  lock.release();
  assert.deepEqual(readdirSync(folder), []);
});

test("the same program cannot take a folder twice, and can after release", async (t) => {
  const folder = newFolder(t);
  const first: FolderLock = await lockFolder(folder, 0);
  await assert.rejects(lockFolder(folder, 0), StartError);
  first.release();
  (await lockFolder(folder, 0)).release();
});

test("a place where no folder can be is refused with a sentence, at once", async (t) => {
  const folder = newFolder(t);
  writeFileSync(join(folder, "file"), "");
  symlinkSync("nowhere", join(folder, "dangling"));
  symlinkSync("loop", join(folder, "loop"));
  const inTheWay = /cannot be used: a part of that path is a file, or a link that leads nowhere; choose/;
  const places: readonly (readonly [string, RegExp])[] = [
    [join(folder, "file"), inTheWay],
    [join(folder, "file", "below"), inTheWay],
    [join(folder, "dangling"), inTheWay],
    [join(folder, "loop", "below"), /cannot be used: (its links go round in circles|a part of that path)/],
    [join(folder, "n".repeat(300)), /cannot be used: its name is too long/],
    ["/proc/nope/data", /cannot be used: no folders can be made there/],
  ];
  for (const [place, sentence] of places) {
    const refused = lockFolder(place, 0);
    await assert.rejects(refused, sentence, place);
    await assert.rejects(refused, { name: "StartError" });
  }
});
