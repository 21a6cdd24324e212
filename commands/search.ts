import { CatalogService } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { isReason } from "#platform/kit/errors.ts";
import { StartError } from "#platform/kit/start-error.ts";
import type { CommandContext } from "./command.ts";
import { withServices } from "./open-back-end.ts";

const stepTimeoutMs = 120_000;

/** `search rebuild`: tells the search engine of every product, and lets it forget all others. Safe to repeat, and beside a running shop. */
export async function rebuildSearch(context: CommandContext): Promise<void> {
  const { print, stop } = context;
  await withServices(
    context,
    ["catalog"],
    async (running) => {
      const catalog = running.client(CatalogService, "catalog", "stoa");
      let [mark, after, told] = ["", "", 0n];
      do {
        stop.throwIfAborted();
        const step = await catalog
          .rebuildSearch({ mark, after }, { timeoutMs: stepTimeoutMs })
          .catch((error: unknown) => {
            throw isReason(error, "SEARCH_ENGINE_ABSENT") ? new StartError(error.publicMessage) : error;
          });
        ({ mark, after } = step);
        told += step.told;
        print(`${told} products.`);
      } while (after !== "");
      print("The search engine knows them all, and nothing else.");
    },
    { mustExist: true },
  );
}
