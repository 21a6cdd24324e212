import * as hipstershop from "#gen/hipstershop/demo_pb.js";
import { CartService } from "#gen/stoa/cart/v1/cart_pb.js";
import { forgetKeptAnswersJob } from "#platform/database/kept-answers.ts";
import { bindRpcs } from "#platform/rpc/contract.ts";
import { defineService } from "#platform/kit/service.ts";
import { CartConfig, requireUsableStores } from "./config.ts";
import { cartNeeds, openCartContext } from "./context.ts";
import { hipsterCart } from "./hipstershop.ts";
import { expireCartsJob } from "./jobs/expire-carts.ts";
import { cartInbox } from "./inbox.ts";
import { forgetCartTask } from "./tasks/forget-cart.ts";
import { addItem } from "./rpc/add-item.ts";
import { clearCart } from "./rpc/clear-cart.ts";
import { consumeCart } from "./rpc/consume-cart.ts";
import { getItems } from "./rpc/get-items.ts";
import { getCart } from "./rpc/get-cart.ts";
import { mergeCarts } from "./rpc/merge-carts.ts";
import { setItem } from "./rpc/set-item.ts";

export const cart = defineService({
  name: "cart",
  config: CartConfig,
  database: "carts_db",
  migrations: new URL("./migrations/", import.meta.url),
  grpcPort: 7070,
  contracts: [CartService, hipstershop.CartService],
  needs: cartNeeds,
  // A cart has two seconds, and can be shown without; who puts something into it is told sooner.
  patience: { catalog: 1_000 },
  requireUsable: requireUsableStores,
  create: async (kit) => {
    const ctx = await openCartContext(kit);
    const rpcs = bindRpcs(CartService, ctx, {
      getCart,
      getItems,
      addItem,
      setItem,
      clearCart,
      mergeCarts,
      consumeCart,
    });
    return {
      rpc: [rpcs, hipsterCart(ctx)],
      inbox: cartInbox(ctx),
      jobs: [expireCartsJob(ctx), forgetKeptAnswersJob(ctx.db)],
      tasks: [forgetCartTask(ctx)],
      checks: ctx.stores.checks,
      close: async () => await ctx.stores.close(),
    };
  },
});
