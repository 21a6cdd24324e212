import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { AppError } from "#platform/kit/errors.ts";
import { decodeCursor, encodeCursor, pageLimitDefault, pageLimitMax, parseLimit } from "./page.ts";

const packed = (json: string) => Buffer.from(json).toString("base64url");

it("an absent limit and 0 mean the default", () => {
  assert.equal(parseLimit(undefined), pageLimitDefault);
  assert.equal(parseLimit(0), pageLimitDefault);
  assert.equal(parseLimit(1), 1);
  assert.equal(parseLimit(pageLimitMax), pageLimitMax);
});

for (const limit of [-1, 101, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, 1e308]) {
  it(`a limit of ${limit} is refused`, () => {
    assert.throws(
      () => parseLimit(limit),
      (error: unknown) => error instanceof AppError && error.violations[0]?.path === "limit",
    );
  });
}

it("a cursor brings back the keys it was made of", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 50 }).filter((key) => !key.includes("\0"));
  const number = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((key) => !Object.is(key, -0));
  const keys = fc.array(fc.oneof(text, number, fc.constant(null)), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(keys, (list) => assert.deepEqual(decodeCursor(encodeCursor(list), list.length), list)),
  );
});

it("an absent cursor is the first page", () => {
  assert.equal(decodeCursor(undefined, 2), undefined);
  assert.equal(decodeCursor("", 2), undefined);
});

const foreign: [string, string][] = [
  ["text that is not base64url", "%%%"],
  ["base64url with strange characters in it", `${packed('["a",1]')}!`],
  ["standard base64 padding", `${packed('["a"]')}==`],
  ["no JSON", packed("[1,")],
  ["an object", packed('{"length":2}')],
  ["too few keys", packed('["a"]')],
  ["too many keys", packed('["a",1,2]')],
  ["a nested key", packed('["a",[1]]')],
  ["a boolean key", packed('["a",true]')],
  ["a number beyond all numbers", packed('["a",1e400]')],
  ["a text that PostgreSQL cannot hold", packed(String.raw`["a\u0000",1]`)],
  ["2,000 characters", packed(JSON.stringify(["a".repeat(1_500), 1]))],
];

for (const [what, cursor] of foreign) {
  it(`a cursor of ${what} is refused, naming the field`, () => {
    assert.throws(
      () => decodeCursor(cursor, 2),
      (error: unknown) => error instanceof AppError && error.violations[0]?.path === "cursor",
    );
  });
}
