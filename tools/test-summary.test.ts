import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { countTests, summarise } from "./test-summary.ts";

test("the report names failed and skipped tests, with the reason, and ends with the counts", () => {
  const stream = new EventEmitter();
  const counts = countTests(stream, (file) => file.replace("/project/", ""));
  const file = "/project/cart.test.ts";
  const skip = "no browser";
  stream.emit("test:pass", { name: "adds up", file });
  stream.emit("test:pass", { name: "a suite", file, details: { type: "suite" } });
  stream.emit("test:pass", { name: "shows a page", file, skip });
  stream.emit("test:fail", { name: "never oversells", file });
  stream.emit("test:fail", { name: "a suite", file, details: { type: "suite" } });
  assert.equal(
    summarise(counts),
    "\nFailed:\n  cart.test.ts: never oversells\n\nSkipped:\n  cart.test.ts: shows a page (no browser)\n\n" +
      "1 passed, 1 failed, 1 skipped\n",
  );
});
