// The rest of a move: carts that nobody has touched since.
import type { CartTimes, MovableStore } from "./carts.ts";
import type { MovingCarts } from "./moving-store.ts";

const parallelMax = 8;
const roundsMax = 5;

export interface Move {
  readonly from: Pick<MovableStore, "remaining">;
  readonly moving: Pick<MovingCarts, "bring">;
  readonly times: () => CartTimes;
  readonly stop: AbortSignal;
  readonly onProgress: (moved: number) => void;
}

/**
 * Moves carts until a look through the old store finds none. Safe to repeat, beside a running shop and beside itself. Answers how many it
 * moved, and how many came up again and again: somebody still puts carts there.
 */
export async function moveRemaining(move: Move): Promise<{ moved: number; left: number }> {
  let moved = 0;
  let left = 0;
  for (let round = 0; round < roundsMax; round += 1) {
    left = 0;
    for await (const part of move.from.remaining(move.times())) {
      for (let at = 0; at < part.length; at += parallelMax) {
        move.stop.throwIfAborted();
        const some = part.slice(at, at + parallelMax);
        await Promise.all(some.map(async (userId) => await move.moving.bring(userId, move.times())));
        left += some.length;
      }
      if (part.length > 0) move.onProgress(moved + left);
    }
    if (left === 0) return { moved, left };
    moved += left;
  }
  return { moved, left };
}
