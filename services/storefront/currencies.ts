/** The currencies of the switcher; the API converts into more. */
export const currenciesShown = ["USD", "EUR", "CAD", "JPY", "GBP", "TRY"] as const;

export function isShownCurrency(code: string): boolean {
  return currenciesShown.some((shown) => shown === code);
}
