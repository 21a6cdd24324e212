import { sweepAll, type Job } from "#platform/database/jobs.ts";
import type { ShippingContext } from "../context.ts";
import { forgetSettledAddresses } from "../store.ts";

interface ForgetContext extends Pick<ShippingContext, "db"> {
  readonly config: Pick<ShippingContext["config"], "SHIPPING_RETENTION_DAYS">;
}

/** Where a parcel went is looked up for as long as somebody may miss it; afterwards its order alone knows. */
export function forgetAddressesJob({ db, config }: ForgetContext): Job {
  return {
    name: "forget-addresses",
    everyMs: 3_600_000,
    isExclusive: true,
    run: async (signal) => {
      const days = config.SHIPPING_RETENTION_DAYS;
      await sweepAll(signal, async (size) => await forgetSettledAddresses(db, days, size));
    },
  };
}
