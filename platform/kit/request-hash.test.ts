import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { requestHash, requestHashVersion, type NamedValue } from "./request-hash.ts";

const hash = (values: { readonly [name: string]: NamedValue }) => requestHash("v1", values);

test("the order in which values were named does not count, at any depth", () => {
  assert.equal(
    hash({ a: 1, b: { c: "x", d: [{ e: 1n, f: true }] } }),
    hash({ b: { d: [{ f: true, e: 1n }], c: "x" }, a: 1 }),
  );
});

test("a value that is not there does not count, so that a release may add one", () => {
  assert.equal(hash({ a: 1 }), hash({ a: 1, giftNote: undefined, b: undefined }));
  assert.equal(hash({ a: { b: 1 } }), hash({ a: { b: 1, c: undefined } }));
});

test("what means something else hashes to something else", () => {
  const meanings: { readonly [name: string]: NamedValue }[] = [
    {},
    { a: null },
    { a: "" },
    { a: 0 },
    { a: false },
    { a: "0" },
    { a: "null" },
    { a: [] },
    { a: {} },
    { a: [1, 2] },
    { a: [2, 1] },
    { a: ["1,2"] },
    { a: [[1], 2] },
    { b: 0 },
    { a: 0.5 },
    { a: new Date(0) },
    { a: new Date(0).toISOString() },
    { a: '"},{"b":1' },
  ];
  assert.equal(new Set(meanings.map(hash)).size, meanings.length);
  assert.notEqual(requestHash("v1", { a: 1 }), requestHash("v2", { a: 1 }));
});

test("integers are one value whether they travel as number or as bigint", () => {
  assert.equal(hash({ units: 42n }), hash({ units: 42 }));
  assert.equal(hash({ units: -0 }), hash({ units: 0n }));
  assert.notEqual(hash({ units: 9_007_199_254_740_993n }), hash({ units: 9_007_199_254_740_992n }));
});

test("it is written down for as long as keys are kept: these hashes never change", () => {
  const values = { userId: "u", units: 1999n, items: [{ id: "p", quantity: 2 }], note: undefined, at: null };
  assert.equal(hash(values), "v1.15vdSZNAtuaWeov_ouH591mJXdPM0VzwtKh0S6BIioE");
  assert.equal(requestHashVersion(hash(values)), "v1");
  assert.equal(requestHashVersion("1fC0pXb0m9nqk"), undefined);
});

test("what no request can mean is an error, not a hash", () => {
  assert.throws(() => hash({ a: Number.NaN }));
  assert.throws(() => hash({ a: Infinity }));
  assert.throws(() => hash({ a: [undefined] }));
});

test("any shuffled value keeps its hash", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), (values) => {
      const shuffled = Object.fromEntries(Object.entries(values).reverse());
      assert.equal(hash(shuffled as never), hash(values as never));
    }),
    { numRuns: 100 },
  );
});
