import type { Job } from "#platform/database/jobs.ts";
import type { ShippingContext } from "../context.ts";
import { forgetSettledAddresses } from "../store.ts";

const batchSize = 500;

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
      let done = batchSize;
      while (done === batchSize && !signal.aborted)
        done = await forgetSettledAddresses(db, config.SHIPPING_RETENTION_DAYS, batchSize);
    },
  };
}
