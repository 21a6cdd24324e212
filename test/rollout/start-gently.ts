import { constants, getPriority, setPriority } from "node:os";
import type { ShopProcess } from "../lab/shop-process.ts";

/** A start takes no processor from those that serve, as where each has a share of its own. Resolves when the process is ready. */
export async function startGently(replica: ShopProcess): Promise<void> {
  replica.spawn();
  const { pid } = replica;
  const usual = getPriority();
  if (pid !== undefined) setPriority(pid, Math.min(usual + 10, constants.priority.PRIORITY_LOW));
  await replica.untilReady();
  try {
    if (pid !== undefined) setPriority(pid, usual);
  } catch {
    // Only root may take it back; then all that were restarted are alike.
  }
}
