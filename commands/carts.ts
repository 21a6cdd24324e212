import { readConfig } from "#platform/kit/config.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { createLogger } from "#platform/telemetry/log.ts";
import { CartConfig } from "../services/cart/config.ts";
import { cartTimes } from "../services/cart/context.ts";
import { moveRemaining } from "../services/cart/move.ts";
import { MovingCarts } from "../services/cart/moving-store.ts";
import { openStores } from "../services/cart/stores.ts";
import type { CommandContext } from "./command.ts";
import { withServiceDatabase } from "./existing-databases.ts";
import { UsageError } from "./usage-error.ts";

/** `carts move`: takes the carts that nobody has touched since along to the other store. Safe to repeat, and beside a running shop. */
export async function moveCarts(context: CommandContext): Promise<void> {
  const { options, environment, print, stop } = context;
  const { from, to } = options;
  if (typeof from !== "string" || typeof to !== "string" || from === to)
    throw new UsageError(
      "Say where carts are and where they go: --from postgres --to redis, or the other way round.",
    );
  const config = readConfig(CartConfig, environment);
  if (config.CART_MOVE_FROM !== from || !config.CART_REDIS_URL)
    throw new StartError(
      `The shop has to know of the move first, or it would go on putting carts into ${from}: set CART_REDIS_URL and CART_MOVE_FROM=${from} for the cart service and for this command. docs/operate/redis.md says how.`,
    );
  const log = createLogger({ level: "warn", format: "pretty" });
  const { moved, left } = await withServiceDatabase(context, "cart", "move", async (db) => {
    const stores = await openStores({ db, config, clock: systemClock, log });
    try {
      const { redis, postgres } = stores;
      if (!redis) throw new Error("The Redis of carts is not open.");
      const [source, target] = from === "redis" ? [redis, postgres] : [postgres, redis];
      return await moveRemaining({
        from: source,
        moving: new MovingCarts({ from: source, to: target, isPrepared: false }),
        times: () => cartTimes({ clock: systemClock, config }),
        stop,
        onProgress: (count) => print(`${count} carts.`),
      });
    } finally {
      await stores.close();
    }
  });
  if (left > 0)
    throw new StartError(
      `${moved} carts were moved, but new ones keep coming into ${from}: a process of the cart service runs without CART_MOVE_FROM=${from}. Restart it with the setting, then run this again.`,
    );
  print(
    `${moved} carts were moved; in ${from} is none that is still needed. Take CART_MOVE_FROM away now${to === "postgres" ? ", and CART_REDIS_URL" : ""}, and restart the cart service.`,
  );
}
