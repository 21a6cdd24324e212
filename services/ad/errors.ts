import { appError, type AppError } from "#platform/kit/errors.ts";

/** Every refusal of this service beside those of the platform. */
export const errors = {
  AD_NOT_FOUND: { kind: "not_found", meaning: "There is no such ad, or it is shown no more." },
} as const;

export function adNotFound(): AppError {
  return appError(errors.AD_NOT_FOUND.kind, "AD_NOT_FOUND", { publicMessage: "There is no such ad." });
}
