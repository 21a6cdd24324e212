/** What the switcher offers beside the shop's own currency, as far as the shop sells in it; the API knows more. */
const offered: readonly string[] = ["USD", "EUR", "CAD", "JPY", "GBP", "TRY"];

/** The currencies of the switcher: the shop's own first, only what can be sold in, and the one in use. */
export function currenciesShown(known: readonly string[], base: string, current: string): string[] {
  return [...new Set([base, ...offered.filter((code) => known.includes(code)), current])];
}
