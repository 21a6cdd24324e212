import { refusals } from "#platform/kit/error-reasons.ts";

/** Every refusal of this service beside those of the platform. */
export const errors = {
  MAIL_NOT_FOUND: { kind: "not_found", meaning: "There is no mail with this id." },
} as const;

export const refusal = refusals(errors);
