import * as hipstershop from "#gen/hipstershop/demo_pb.js";
import { CurrencyService } from "#gen/stoa/currency/v1/currency_pb.js";
import { bindRpcs } from "#platform/rpc/contract.ts";
import { defineService } from "#platform/kit/service.ts";
import { openCurrencyContext } from "./context.ts";
import { hipsterCurrency } from "./hipstershop.ts";
import { fetchRatesJob } from "./jobs/fetch-rates.ts";
import { loadRates, loadRatesJob } from "./jobs/load-rates.ts";
import { ratePort } from "./provider.ts";
import { convert } from "./rpc/convert.ts";
import { listCurrencies } from "./rpc/list-currencies.ts";

export const currency = defineService({
  name: "currency",
  config: {},
  database: "currencies_db",
  migrations: new URL("./migrations/", import.meta.url),
  grpcPort: 7000,
  contracts: [CurrencyService, hipstershop.CurrencyService],
  needs: {},
  ports: [
    {
      port: ratePort,
      setting: "CURRENCY_PROVIDER",
      doc: "Where exchange rates come from: snapshot (a bundled table that never changes, for demos), ecb (the daily reference rates of the European Central Bank) or fixed (CURRENCY_RATES).",
      default: "snapshot",
      own: {
        snapshot: async () => (await import("./bundled-provider.ts")).bundledProvider,
        ecb: async () => (await import("./ecb-provider.ts")).ecbProvider,
        fixed: async () => (await import("./fixed-provider.ts")).fixedProvider,
      },
    },
  ],
  create: async (kit) => {
    const ctx = await openCurrencyContext(kit);
    await loadRates(ctx);
    return {
      rpc: [bindRpcs(CurrencyService, ctx, { listCurrencies, convert }), hipsterCurrency(ctx)],
      jobs: ctx.provider.isLive ? [fetchRatesJob(ctx), loadRatesJob(ctx)] : [],
    };
  },
});
