// What the shop sold today so far, beside the same hours of the same day last week.
import type { CurrencyFigures, Figures } from "#gen/rest/types.ts";
import { divideHalfEven, formatDecimal, money, parseDecimal } from "#platform/kit/money.ts";
import { html, type Html } from "#platform/web/html.ts";
import { tableView, ListAddress } from "#platform/web/table.ts";
import type { AdminWords } from "../../context.ts";
import type { TwoDays } from "../../trading-figures.ts";
import type { Tile } from "./tiles.ts";

const currenciesMax = 4;

export function businessTile(words: AdminWords, days: TwoDays | undefined): Tile {
  const orders = ordersOf(days?.today);
  const before = ordersOf(days?.lastWeek);
  return {
    heading: words.text("ops.tile.business"),
    url: "/admin/ops#business",
    health: "calm",
    figure: days ? words.text("ops.orders", { count: orders }) : "–",
    lines: days
      ? [
          words.text("ops.lastWeek", { count: before, change: changeText(words, orders, before) }),
          ...days.today.currencies
            .toSorted((one, other) => other.orders - one.orders)
            .slice(0, currenciesMax)
            .map(({ revenue }) => words.money(revenue)),
        ]
      : [words.text("ops.unknown")],
  };
}

/** A row for each currency in which anything happened on either day. */
export function businessView(words: AdminWords, days: TwoDays | undefined): Html {
  if (!days) return html`<p class="empty">${words.text("ops.unknown")}</p>`;
  const codes = [
    ...new Set(
      [...days.today.currencies, ...days.lastWeek.currencies].map(({ currencyCode }) => currencyCode),
    ),
  ].sort();
  if (codes.length === 0) return html`<p class="empty">${words.text("ops.business.none")}</p>`;
  const of = (figures: Figures, code: string) =>
    figures.currencies.find(({ currencyCode }) => currencyCode === code) ?? nothingIn(code);
  const rows = codes.map((code) => ({ code, now: of(days.today, code), before: of(days.lastWeek, code) }));
  const beside = (now: string, value: string) =>
    html`<span>${now}<br /><small class="muted">${words.text("ops.before", { value })}</small></span>`;
  const heading = (name: "currency" | "orders" | "revenue" | "average" | "refunded" | "cancelled") =>
    words.text(`ops.business.${name}`);
  type Row = (typeof rows)[number];
  const figure = (name: Parameters<typeof heading>[0], text: (one: CurrencyFigures) => string) => ({
    heading: heading(name),
    isFigure: true,
    cell: ({ now, before }: Row) => beside(text(now), text(before)),
  });
  return tableView<Row>({
    caption: words.text("ops.business.heading"),
    address: new ListAddress("/admin/ops", new URLSearchParams()),
    rows,
    columns: [
      { heading: heading("currency"), cell: ({ code }) => code },
      figure("orders", ({ orders }) => words.number(orders)),
      figure("revenue", ({ revenue }) => words.money(revenue)),
      figure("average", (one) => averageText(words, one)),
      figure("refunded", ({ refunded }) => words.money(refunded)),
      figure("cancelled", ({ cancelled }) => words.number(cancelled)),
    ],
  });
}

function ordersOf(figures: Figures | undefined): number {
  return (figures?.currencies ?? []).reduce((sum, { orders }) => sum + orders, 0);
}

/** "+12 %"; nothing where there was nothing to compare with. */
export function changeText(words: AdminWords, now: number, before: number): string {
  if (before === 0) return "";
  const percent = Math.round(((now - before) / before) * 100);
  return words.text("ops.change", { sign: percent < 0 ? "−" : "+", value: words.number(Math.abs(percent)) });
}

function averageText(words: AdminWords, { orders, revenue, currencyCode }: CurrencyFigures): string {
  if (orders === 0) return "–";
  const { minor } = parseDecimal(revenue.amount, currencyCode);
  const amount = formatDecimal(money(currencyCode, divideHalfEven(minor, BigInt(orders))));
  return words.money({ amount, currencyCode });
}

function nothingIn(currencyCode: string): CurrencyFigures {
  const none = { amount: formatDecimal(money(currencyCode, 0n)), currencyCode };
  return { currencyCode, orders: 0, revenue: none, cancelled: 0, refunds: 0, refunded: none };
}
