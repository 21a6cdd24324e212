import { appError, type AppError } from "#platform/kit/errors.ts";

/** Every reason for which this service refuses. */
export const errors = {
  EMAIL_TAKEN: { kind: "conflict", meaning: "An account with this email address exists already." },
  CREDENTIALS_INVALID: {
    kind: "unauthenticated",
    meaning: "The email address or the password is wrong; nothing tells which.",
  },
  REFRESH_TOKEN_INVALID: {
    kind: "unauthenticated",
    meaning: "The refresh token is unknown, expired, revoked or was used before. Sign in again.",
  },
  CURRENT_PASSWORD_WRONG: {
    kind: "forbidden",
    meaning: "The current password, which this change asks for, is wrong.",
  },
  ACCOUNT_REQUIRED: { kind: "forbidden", meaning: "A guest has no account that could be changed." },
  USER_NOT_FOUND: { kind: "not_found", meaning: "There is no such account, or it is not yours to see." },
  SIGN_IN_BUSY: {
    kind: "exhausted",
    meaning: "More people sign in right now than passwords can be checked. Try again after Retry-After.",
  },
} as const;

export function userNotFound(): AppError {
  return appError("not_found", "USER_NOT_FOUND", { publicMessage: "There is no such account." });
}

export function emailTaken(): AppError {
  return appError("conflict", "EMAIL_TAKEN", {
    publicMessage: "An account with this email address exists already. Sign in, or use another address.",
  });
}

export function credentialsInvalid(): AppError {
  return appError("unauthenticated", "CREDENTIALS_INVALID", {
    publicMessage: "The email address or the password is wrong.",
  });
}

export function refreshTokenInvalid(): AppError {
  return appError("unauthenticated", "REFRESH_TOKEN_INVALID", {
    publicMessage: "The refresh token is not valid any longer. Sign in again.",
  });
}

export function currentPasswordWrong(): AppError {
  return appError("forbidden", "CURRENT_PASSWORD_WRONG", {
    publicMessage: "The current password is wrong.",
  });
}
