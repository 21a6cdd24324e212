import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { testFolder } from "#platform/testing/certificates.ts";
import { keptServiceKey } from "../../commands/kept-service-key.ts";

it("the key of a data folder is made once, for its owner only, and is the same at every start", () => {
  const folder = testFolder().path("data");
  const key = keptServiceKey(folder);
  assert.match(key, /^[\w-]{43}$/);
  assert.equal(keptServiceKey(folder), key);
  assert.deepEqual(readdirSync(folder), ["service-key"]);
  assert.equal(statSync(join(folder, "service-key")).mode & 0o777, 0o600);
  assert.notEqual(keptServiceKey(testFolder().path("another")), key);
});

it("where nothing can be kept, or what is kept is no key, there is one for this start", () => {
  const { path, write } = testFolder();
  assert.match(keptServiceKey(write("file", "")), /^[\w-]{43}$/);
  write("service-key", "a");
  assert.match(keptServiceKey(path("")), /^[\w-]{43}$/);
});
