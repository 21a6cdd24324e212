// Ten percent off every line of five pieces or more.
import { pricingRules } from "stoa/checkout/extension";
import { add, defineExtension } from "stoa/kit/extension";
import { divideHalfEven, money, zero } from "stoa/kit/money";

const piecesMin = 5;

export const volumeDiscount = defineExtension({
  name: "volume-discount",
  adds: [
    add(pricingRules, {
      discounts: [
        (lines) => {
          const minor = lines
            .filter(({ quantity }) => quantity >= piecesMin)
            .reduce((sum, { subtotal }) => sum + divideHalfEven(subtotal.minor, 10n), 0n);
          const currencyCode = lines[0]?.subtotal.currencyCode ?? "USD";
          return minor === 0n ? zero(currencyCode) : money(currencyCode, minor);
        },
      ],
    }),
  ],
});
