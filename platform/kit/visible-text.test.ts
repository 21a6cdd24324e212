import assert from "node:assert/strict";
import { test } from "node:test";
import { isVisible } from "./visible-text.ts";

test("names of every script and signs are seen, also with joiners inside", () => {
  for (const text of ["a", " 茶 ", "شاي", "می\u200cخواهم", "👩\u200d🚀", "?", "4", "e\u0301", "‰"])
    assert.equal(isVisible(text), true, JSON.stringify(text));
});

test("spaces, control characters, characters without width and lone marks are nothing to see", () => {
  const nothing = [
    ...[
      "",
      " ",
      "\t\n",
      "\u00a0",
      "\u3000",
      "\u2003",
      "\u2028",
      "\0",
      "\u0007",
      "\u200b",
      "\u200b \u200d",
      "\u2060",
    ],
    ...[
      "\ufeff",
      "\u00ad",
      "\u3164",
      "\u115f",
      "\uffa0",
      "\u2800",
      "\u180e",
      "\u202e",
      "\ufe0f",
      "\u0301",
      "\u{e0020}",
    ],
  ];
  for (const text of nothing) assert.equal(isVisible(text), false, JSON.stringify(text));
});
