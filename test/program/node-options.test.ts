import assert from "node:assert/strict";
import { it } from "node:test";
import { nodeOptionsOf } from "../../commands/node-options.ts";

const launcher = (await import(new URL("../../bin/launch.mjs", import.meta.url).href)) as {
  nodeOptionsOf: (words: string[]) => string[];
};

it("the audit is told to keep its memory small, whoever starts it; nothing else that the launcher starts is", () => {
  assert.deepEqual(launcher.nodeOptionsOf(["serve", "audit"]), nodeOptionsOf("audit"));
  for (const words of [["serve", "all"], ["check"], ["audit"], []])
    assert.deepEqual(launcher.nodeOptionsOf(words), []);
});
