import { refusals } from "#platform/kit/error-reasons.ts";

/** Every refusal of this service: its kind and what its caller reads. */
export const errors = {
  EMAIL_TAKEN: {
    kind: "conflict",
    meaning: "An account with this email address exists already. Sign in, or use another address.",
  },
  CREDENTIALS_INVALID: {
    kind: "unauthenticated",
    meaning: "The email address or the password is wrong.",
  },
  REFRESH_TOKEN_INVALID: {
    kind: "unauthenticated",
    meaning: "The refresh token is not valid any longer. Sign in again.",
  },
  RESET_TOKEN_INVALID: {
    kind: "invalid",
    meaning: "The link to choose a new password has been used or has expired. Ask for another one.",
  },
  CURRENT_PASSWORD_WRONG: {
    kind: "forbidden",
    meaning: "The current password is wrong.",
  },
  ACCOUNT_REQUIRED: { kind: "forbidden", meaning: "A guest has no account to change." },
  USER_NOT_FOUND: { kind: "not_found", meaning: "There is no such account." },
  FLAG_NOT_FOUND: { kind: "not_found", meaning: "There is no flag of this name." },
  FAULTS_REFUSED: {
    kind: "forbidden",
    meaning:
      "No faults are injected here. Where that is wanted, the shop is started with FAULT_INJECTION=allowed.",
  },
  SIGN_IN_BUSY: {
    kind: "exhausted",
    meaning: "Too many people sign in right now. Try again in a moment.",
  },
} as const;

export const refusal = refusals(errors);
