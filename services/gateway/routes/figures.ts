import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { endpoint } from "../endpoint.ts";
import { moneyJson } from "../money.ts";
import { Figures, FiguresQuery } from "../schemas/figures.ts";

const getFigures = endpoint({
  id: "getFigures",
  method: "GET",
  path: "/api/figures",
  journey: "admin",
  tag: "Orders",
  summary: "Count what was sold and given back from one moment to another",
  description: "For each currency in which something happened.",
  access: "admin",
  query: FiguresQuery,
  status: 200,
  answer: Figures,
  run: async (ctx, { query, call }) => {
    const [from, until] = [new Date(query.from), new Date(query.until)];
    const request = { from: timestampFromDate(from), until: timestampFromDate(until) };
    const { currencies } = await ctx.clients.order.getFigures(request, call);
    return {
      from: from.toISOString(),
      until: until.toISOString(),
      currencies: currencies.map(({ orders, revenue, cancelled, refunds, refunded, currencyCode }) => ({
        currencyCode,
        orders: Number(orders),
        revenue: moneyJson(revenue),
        cancelled: Number(cancelled),
        refunds: Number(refunds),
        refunded: moneyJson(refunded),
      })),
    };
  },
});

export const figureEndpoints = [getFigures];
