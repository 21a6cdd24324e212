import assert from "node:assert/strict";
import { it } from "node:test";
import { Queue } from "./queue.ts";

it("never more than the bound go on at once, all get their turn in order, and a failure frees its place", async () => {
  const queue = new Queue(3);
  const started: number[] = [];
  let running = 0;
  let runningMax = 0;
  const results = await Promise.allSettled(
    Array.from({ length: 50 }, (_, index) =>
      queue.run(async () => {
        started.push(index);
        running += 1;
        runningMax = Math.max(runningMax, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        if (index % 7 === 0) throw new Error("refused");
        return index;
      }),
    ),
  );
  assert.equal(runningMax, 3);
  assert.deepEqual(
    started,
    Array.from({ length: 50 }, (_, index) => index),
  );
  assert.equal(results.filter(({ status }) => status === "rejected").length, 8);
});
