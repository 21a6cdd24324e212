import * as hipstershop from "#gen/hipstershop/demo_pb.js";
import { ShippingService } from "#gen/stoa/shipping/v1/shipping_pb.js";
import { bindRpcs } from "#platform/rpc/contract.ts";
import { defineService } from "#platform/kit/service.ts";
import { ShippingConfig } from "./config.ts";
import { openShippingContext } from "./context.ts";
import { hipsterShipping } from "./hipstershop.ts";
import { shippingInbox } from "./inbox.ts";
import { forgetAddressesJob } from "./jobs/forget-addresses.ts";
import { shippingPort } from "./provider.ts";
import { advanceShipment } from "./rpc/advance-shipment.ts";
import { cancelShipment } from "./rpc/cancel-shipment.ts";
import { createShipment } from "./rpc/create-shipment.ts";
import { getQuote } from "./rpc/get-quote.ts";
import { trackShipment } from "./rpc/track-shipment.ts";
import { cancelLabelTask } from "./tasks/cancel-label.ts";

export const shipping = defineService({
  name: "shipping",
  config: ShippingConfig,
  database: "shipping_db",
  migrations: new URL("./migrations/", import.meta.url),
  grpcPort: 50051,
  contracts: [ShippingService, hipstershop.ShippingService],
  needs: {},
  ports: [
    {
      port: shippingPort,
      setting: "SHIPPING_PROVIDER",
      doc: "Who says what sending costs and makes labels: table (the rates of the house, and tracking numbers of its own).",
      default: "table",
      own: { table: async () => (await import("./table-provider.ts")).tableProvider },
    },
  ],
  create: async (kit) => {
    const ctx = await openShippingContext(kit);
    const handlers = { getQuote, createShipment, cancelShipment, advanceShipment, trackShipment };
    return {
      rpc: [bindRpcs(ShippingService, ctx, handlers), hipsterShipping(ctx)],
      inbox: shippingInbox(ctx),
      tasks: [cancelLabelTask(ctx)],
      jobs: [forgetAddressesJob(ctx)],
    };
  },
});
