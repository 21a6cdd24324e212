import type { Money, Order, OrderList, OrderStatus } from "#gen/rest/types.ts";
import { barChart } from "#platform/web/chart.ts";
import { html, type Html } from "#platform/web/html.ts";
import { filterView, pagesView, tableView, type ListAddress } from "#platform/web/table.ts";
import type { AdminWords } from "../context.ts";

export const statuses = ["pending", "processing", "shipped", "delivered", "cancelled"] as const;

export type Counts = { readonly [status in OrderStatus]: number };

export interface OrdersParts {
  readonly address: ListAddress;
  readonly orders: OrderList;
}

export function ordersView(
  words: AdminWords,
  parts: OrdersParts & { counts: Counts | undefined; moved: number; refused: number },
): Html {
  const { address, counts, moved, refused } = parts;
  return html`<h1>${words.text("orders.heading")}</h1>
    ${movedView(words, moved, refused)} ${counts ? chartView(words, counts) : ""}
    ${filterView({
      label: words.text("orders.filter"),
      address,
      name: "status",
      choices: [
        { text: words.text("orders.all") },
        ...statuses.map((status) => ({
          value: status,
          text: words.text(`status.${status}`),
          ...(counts ? { count: words.number(counts[status]) } : {}),
        })),
      ],
    })}
    ${ordersListView(words, parts)}`;
}

function movedView(words: AdminWords, moved: number, refused: number): Html | undefined {
  if (moved === 0 && refused === 0) return undefined;
  const tone = refused === 0 ? "alert good" : "alert";
  return html`<p class="${tone}" role="status">${words.text("orders.moved", { moved, refused })}</p>`;
}

function chartView(words: AdminWords, counts: Counts): Html {
  const points = statuses.map((status) => ({
    label: words.text(`status.${status}`),
    value: counts[status],
    text: words.number(counts[status]),
  }));
  return barChart({
    id: "orders-by-status",
    title: words.text("orders.chart"),
    description: words.list(points.map(({ label, text }) => `${label}: ${text}`)),
    points,
    words: {
      asTable: words.text("chart.asTable"),
      label: words.text("orders.status"),
      value: words.text("orders.heading"),
    },
  });
}

/** The first page follows what happens in the shop; the others stand still, so that nobody loses their place. */
export function ordersListView(words: AdminWords, { address, orders }: OrdersParts): Html {
  const status = address.get("status");
  const stream = `/admin/live/orders${status === undefined ? "" : `?status=${encodeURIComponent(status)}`}`;
  const isFirst = address.get("cursor") === undefined;
  return html`<section
    ${isFirst ? html` data-live="${stream}"` : ""}
    aria-label="${words.text("orders.heading")}"
  >
    <p class="found">${words.text("orders.found", { count: orders.total })}</p>
    ${orders.items.length === 0 ? html`<p class="empty">${words.text("orders.none")}</p>` : tableOf(words, address, orders.items)}
    ${pagesView(address, orders.nextCursor, {
      label: words.text("pages.label"),
      first: words.text("pages.first"),
      next: words.text("orders.older"),
    })}
  </section>`;
}

function tableOf(words: AdminWords, address: ListAddress, orders: readonly Order[]): Html {
  return tableView<Order>({
    caption: words.text("orders.heading"),
    address,
    rows: orders,
    columns: [
      {
        heading: words.text("orders.order"),
        cell: ({ id, orderNumber }) => html`<a href="/admin/orders/${id}">${orderNumber}</a>`,
      },
      { heading: words.text("orders.placed"), cell: ({ createdAt }) => words.time(createdAt) },
      { heading: words.text("orders.customer"), cell: ({ email }) => email },
      { heading: words.text("orders.status"), cell: (order) => orderStatusView(words, order) },
      {
        heading: words.text("orders.total"),
        isFigure: true,
        cell: ({ totalAmount }) => words.money(totalAmount),
      },
      {
        heading: words.text("orders.refunded"),
        isFigure: true,
        cell: ({ refundedAmount, netAmount }) =>
          isNothing(refundedAmount)
            ? "–"
            : html`${words.money(refundedAmount)}<br /><small class="muted"
                  >${words.text("orders.net", { amount: words.money(netAmount) })}</small
                >`,
      },
    ],
    bulk: {
      url: "/admin/orders",
      idOf: ({ id }) => id,
      labelOf: ({ orderNumber }) => words.text("orders.select", { number: orderNumber }),
      heading: words.text("orders.selected"),
      actions: [
        { value: "shipped", text: words.text("order.move.shipped") },
        { value: "delivered", text: words.text("order.move.delivered") },
      ],
    },
  });
}

export function isNothing({ amount }: Money): boolean {
  return /^-?0*(\.0*)?$/.test(amount);
}

const tones: { readonly [status: string]: string } = { shipped: "good", delivered: "good", cancelled: "bad" };

/** Nobody packs an order whose money is back, and nobody has cancelled it. */
export function isWhollyRefunded({ status, refundedAmount, netAmount }: Order): boolean {
  return status === "processing" && !isNothing(refundedAmount) && isNothing(netAmount);
}

export function orderStatusView(words: AdminWords, order: Order): Html {
  if (!isWhollyRefunded(order)) return statusView(words, order.status);
  return html`<span class="status bad">${words.text("orders.refunded")}</span>`;
}

function statusView(words: AdminWords, status: OrderStatus): Html {
  return html`<span class="status ${tones[status]}">${words.text(`status.${status}`)}</span>`;
}
