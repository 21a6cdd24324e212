import { refusals } from "#platform/kit/error-reasons.ts";

/** Every refusal of this service beside those of the platform. */
export const errors = {
  MAIL_NOT_FOUND: { kind: "not_found", meaning: "There is no mail with this id." },
  LINK_INVALID: {
    kind: "not_found",
    meaning: "This link opens no order: it has expired, or it is not as we wrote it.",
  },
} as const;

export const refusal = refusals(errors);
