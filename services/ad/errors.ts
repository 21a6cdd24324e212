import { refusals } from "#platform/kit/error-reasons.ts";

/** Every refusal of this service beside those of the platform. */
export const errors = {
  AD_NOT_FOUND: { kind: "not_found", meaning: "There is no such ad, or it is shown no more." },
} as const;

export const refusal = refusals(errors);
