import { Type } from "@fastify/type-provider-typebox";
import { Money } from "./money.ts";
import { CurrencyCode, Instant, ref, strict } from "./shapes.ts";

export const FiguresQuery = strict({
  from: Type.String({ format: "date-time", maxLength: 40 }),
  until: Type.String({ format: "date-time", maxLength: 40, description: "At most 31 days after `from`." }),
});

export const CurrencyFigures = strict(
  {
    currencyCode: CurrencyCode,
    orders: Type.Integer({ description: "Placed and confirmed; those cancelled later are among them." }),
    revenue: ref(Money),
    cancelled: Type.Integer({ description: "Of these orders, those that are cancelled now." }),
    refunds: Type.Integer({ description: "Amounts given back in this time, whenever the order was placed." }),
    refunded: ref(Money),
  },
  { $id: "CurrencyFigures" },
);

export const Figures = strict(
  { from: Instant, until: Instant, currencies: Type.Array(ref(CurrencyFigures)) },
  { $id: "Figures", description: "What was sold and given back from one moment to another." },
);
