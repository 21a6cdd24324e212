import { Type } from "@fastify/type-provider-typebox";
import { CurrencyCode, Instant, listOf, ref, strict } from "./shapes.ts";

export const Money = strict(
  {
    amount: Type.String({ pattern: "^-?\\d{1,15}(\\.\\d{1,24})?$", maxLength: 40, examples: ["19.99"] }),
    currencyCode: CurrencyCode,
  },
  {
    $id: "Money",
    description: "An exact amount as a decimal string, with as many decimals as the currency has.",
    examples: [{ amount: "19.99", currencyCode: "USD" }],
  },
);

export const Currency = strict(
  {
    code: CurrencyCode,
    decimals: Type.Integer({ minimum: 0, maximum: 4 }),
    unitsPerEuro: Type.Optional(
      Type.String({
        description:
          "Units of it for one EUR, as a decimal string; absent where the shop's rates do not tell.",
      }),
    ),
  },
  { $id: "Currency" },
);
export const CurrencyList = listOf(Currency);

export const Rates = strict(
  {
    id: Type.String(),
    provider: Type.String(),
    asOf: Instant,
    stale: Type.Boolean({ description: "The provider has not been heard for longer than it should." }),
  },
  { $id: "Rates", description: "The set of exchange rates that was used." },
);

export const Conversion = strict(
  {
    amount: Type.String(),
    currencyCode: CurrencyCode,
    from: ref(Money),
    rates: ref(Rates),
  },
  { $id: "Conversion", description: "The converted amount, and what it was made from." },
);

export const ConversionQuery = strict({
  from: CurrencyCode,
  to: CurrencyCode,
  amount: Type.String({
    pattern: "^-?\\d{1,15}(\\.\\d{1,24})?$",
    maxLength: 40,
    description:
      "Decimal number with at most as many decimals as the currency has; zeros beyond do not count.",
    examples: ["10.00"],
  }),
});
