import { appError, type AppError } from "#platform/kit/errors.ts";

/** Every refusal of this service beside those of the platform. */
export const errors = {
  MAIL_NOT_FOUND: { kind: "not_found", meaning: "There is no mail with this id." },
} as const;

export function mailNotFound(): AppError {
  return appError(errors.MAIL_NOT_FOUND.kind, "MAIL_NOT_FOUND", { publicMessage: "There is no such mail." });
}
