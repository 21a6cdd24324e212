import { refusals } from "#platform/kit/error-reasons.ts";
import type { AppError } from "#platform/kit/errors.ts";

/** Every refusal of this service beside those of the platform. */
export const errors = {
  CURRENCY_UNKNOWN: {
    kind: "invalid",
    meaning: "The currency is not among those that can be converted; GET /api/currencies lists them.",
  },
} as const;

export const refusal = refusals(errors);

export function currencyUnknown(currencyCode: string): AppError {
  const shown = currencyCode.slice(0, 16);
  return refusal("CURRENCY_UNKNOWN", {
    publicMessage: `The currency "${shown}" is not known. Choose one of the supported currencies.`,
    details: { currencyCode: shown },
  });
}

/** A base currency without an exchange rate: the shop sells in it, and in no other. */
export function soldInOneCurrency(baseCurrency: string, wanted: string): AppError {
  const currencyCode = wanted.slice(0, 16);
  return refusal("CURRENCY_UNKNOWN", {
    publicMessage: `This shop sells in ${baseCurrency} alone: it has no exchange rate between ${baseCurrency} and "${currencyCode}". Ask for ${baseCurrency}, or leave the currency out.`,
    details: { currencyCode, baseCurrency },
  });
}
