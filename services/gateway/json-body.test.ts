import assert from "node:assert/strict";
import { it } from "node:test";
import { isReason } from "#platform/kit/errors.ts";
import { parseJsonBody } from "./json-body.ts";

function isRefused(text: string | Buffer): boolean {
  try {
    parseJsonBody(Buffer.from(text));
    return false;
  } catch (error) {
    assert.ok(isReason(error, "BODY_MALFORMED"), String(error));
    return true;
  }
}

it("ordinary JSON is read as it is, and nothing as nothing", () => {
  assert.deepEqual(parseJsonBody(Buffer.from(' {"a":[1,"{[\\"",null,true,{"b":-0.5e3}]} ')), {
    a: [1, '{["', null, true, { b: -500 }],
  });
  assert.equal(parseJsonBody(Buffer.alloc(0)), undefined);
});

it("what is not JSON is refused", () => {
  for (const text of [
    "{",
    '{"a":1,}',
    "{'a':1}",
    "undefined",
    '{"a":NaN}',
    '{"a":01}',
    "\ufeff{}",
    "[1] [2]",
  ])
    assert.ok(isRefused(text), text);
  assert.ok(isRefused(Buffer.from([0x22, 0xff, 0xfe, 0x22])), "bytes that are no UTF-8");
});

it("nesting is bounded before anything is built: 32 levels pass, 33 do not, 30,000 cost nothing", () => {
  assert.ok(!isRefused("[".repeat(32) + "]".repeat(32)));
  assert.ok(isRefused("[".repeat(33) + "]".repeat(33)));
  assert.ok(isRefused('{"a":'.repeat(33) + "1" + "}".repeat(33)));
  assert.ok(isRefused("[".repeat(30_000) + "]".repeat(30_000)));
  assert.ok(!isRefused(JSON.stringify("[".repeat(1000))), "brackets inside a text are text");
});

it("NUL, half surrogates, endless numbers and floods of values are refused", () => {
  for (const text of [
    '{"a":"x\\u0000"}',
    '{"x\\u0000":1}',
    '{"a":"\\ud800"}',
    '{"a":1e400}',
    '{"a":[-1e999]}',
  ])
    assert.ok(isRefused(text), text);
  assert.ok(isRefused(JSON.stringify(Array<number>(10_001).fill(0))));
});

it("names that reach into prototypes are refused at every depth, and Object.prototype stays as it was", () => {
  const before = Reflect.ownKeys(Object.prototype).length;
  for (const text of [
    '{"__proto__":{"polluted":1}}',
    '{"a":{"b":[{"__proto__":1}]}}',
    '{"constructor":{"prototype":{"polluted":1}}}',
  ])
    assert.ok(isRefused(text), text);
  assert.equal(Reflect.ownKeys(Object.prototype).length, before);
});
