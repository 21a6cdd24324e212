import { RedisFault, type RedisTrouble } from "#platform/redis/redis-fault.ts";
import { refusal, type errors } from "./errors.ts";

const reasons: Readonly<Record<Exclude<RedisTrouble, "refused">, keyof typeof errors>> = {
  away: "CART_STORE_UNAVAILABLE",
  loading: "CART_STORE_UNAVAILABLE",
  denied: "CART_STORE_UNAVAILABLE",
  unknown: "CART_STORE_SLOW",
  full: "CART_STORE_FULL",
  "read-only": "CART_STORE_READ_ONLY",
};

/** What a person reads when Redis cannot do it; a mistake of ours stays one. */
export function storeRefusal(error: unknown): unknown {
  if (!(error instanceof RedisFault) || error.trouble === "refused") return error;
  return refusal(reasons[error.trouble], { cause: error });
}
