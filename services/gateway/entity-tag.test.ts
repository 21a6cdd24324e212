import assert from "node:assert/strict";
import { test } from "node:test";
import { isReason } from "#platform/kit/errors.ts";
import { editTagsOf } from "./entity-tag.ts";

test("of an If-Match, what stands before the dot counts; weak tags are kept as what matches nothing", () => {
  const table: [string | undefined, string[]][] = [
    [undefined, []],
    ["*", []],
    [" * ", []],
    ['"a.b"', ["a"]],
    ['"a"', ["a"]],
    ['""', [""]],
    ['"a.b", "c.d"', ["a", "c"]],
    ['"a.b","c.d" ,, ', ["a", "c"]],
    ['"a,b.c"', ["a,b"]],
    ['W/"a.b"', ['W/"a.b"']],
    ['W/"a.b", "c.d"', ['W/"a.b"', "c"]],
  ];
  for (const [header, tags] of table) assert.deepEqual(editTagsOf(header), tags, header ?? "absent");
});

test("what is no list of tags is refused", () => {
  for (const header of [
    "",
    ",",
    "abc",
    '"abc',
    'abc"',
    "'abc'",
    '"a" "b"',
    'w/"a"',
    'W/ "a"',
    '*, "a"',
    '"a b"',
    '"a"b',
    "**",
  ])
    assert.throws(
      () => editTagsOf(header),
      (error) => isReason(error, "VALIDATION_FAILED") && error.violations[0]?.path === "If-Match",
      header,
    );
});
