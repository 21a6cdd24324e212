import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { idFromName, isUuid, newId, newRandomId, randomCode, randomFraction, randomSecret } from "./ids.ts";

const versionOf = (id: string) => id.charAt(14);
const variantOf = (id: string) => id.charAt(19);

it("new ids are version 7 UUIDs and never repeat", () => {
  const ids = Array.from({ length: 10_000 }, () => newId());
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) {
    assert.ok(isUuid(id), id);
    assert.equal(versionOf(id), "7");
    assert.match(variantOf(id), /[89ab]/);
  }
});

it("an id made in a later millisecond sorts after an earlier one, and tells its time", () => {
  const instants = fc.integer({ min: 0, max: 2 ** 48 - 1 });
  fc.assert(
    fc.property(instants, instants, (one, other) => {
      const id = newId(one);
      assert.equal(parseInt(id.replaceAll("-", "").slice(0, 12), 16), one);
      if (one < other) assert.ok(id < newId(other));
    }),
  );
});

it("the same name always gives the same id, and another name or namespace another one", () => {
  assert.equal(idFromName("guest", "session-1"), idFromName("guest", "session-1"));
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      const id = idFromName("guest", one);
      assert.ok(isUuid(id));
      assert.equal(id === idFromName("guest", other), one === other);
      assert.notEqual(id, idFromName("cart", one));
    }),
  );
});

it("an id from a name can never be one that newId or newRandomId makes", () => {
  assert.equal(versionOf(idFromName("guest", "x")), "5");
  assert.equal(versionOf(newRandomId()), "4");
});

it("only the lower-case text form of a UUID is an id", () => {
  const id = newId();
  const foreign = [
    ...["", "1", id.toUpperCase(), `{${id}}`, id.replaceAll("-", ""), `${id}\n`, ` ${id}`, `${id}0`],
    ...[id.replace(/^./, "g"), id.replace(/-/, "_"), "٣".repeat(36), "0".repeat(36)],
  ];
  for (const text of foreign) assert.equal(isUuid(text), false, JSON.stringify(text));
  assert.ok(isUuid(id));
});

it("random codes use only their alphabet, all of it", () => {
  const code = randomCode(2_000, "ABC");
  assert.equal(code.length, 2_000);
  assert.deepEqual([...new Set(code)].sort(), ["A", "B", "C"]);
});

it("secrets carry 256 bits and travel in URLs and headers as they are", () => {
  const secret = randomSecret();
  assert.equal(Buffer.from(secret, "base64url").length, 32);
  assert.match(secret, /^[\w-]{43}$/);
  assert.notEqual(secret, randomSecret());
});

it("a random fraction stays below 1", () => {
  for (let index = 0; index < 1_000; index += 1) {
    const fraction = randomFraction();
    assert.ok(fraction >= 0 && fraction < 1);
  }
});
