import type { Address, Order, Refund, Tracking } from "#gen/rest/types.ts";
import { alertView } from "#platform/web/form.ts";
import { html, type Html } from "#platform/web/html.ts";
import type { AdminWords } from "../context.ts";
import { refundFormView, refundsView, type RefundForm } from "./refunds.ts";
import { isNothing, isWhollyRefunded, orderStatusView } from "./orders.ts";

export interface OrderParts {
  readonly order: Order;
  readonly tracking: Tracking | undefined;
  /** Oldest first. */
  readonly refunds: readonly Refund[];
  readonly refund: RefundForm;
  readonly message?: string | undefined;
  /** False where the payment service is somebody else's, whose contract knows no refunds. */
  readonly canGiveBack: boolean;
}

/** What may be done next; the API has the last word. */
const nextMoves: { readonly [status: string]: readonly ("shipped" | "delivered" | "cancelled")[] } = {
  pending: ["cancelled"],
  processing: ["shipped", "cancelled"],
  shipped: ["delivered"],
};

export function orderView(
  words: AdminWords,
  { order, tracking, refunds, refund, message, canGiveBack }: OrderParts,
): Html {
  const isRefunded = isWhollyRefunded(order);
  const moves = (nextMoves[order.status] ?? []).filter((move) => move !== "shipped" || !isRefunded);
  return html`<nav class="trail" aria-label="${words.text("frame.where")}">
      <a href="/admin">${words.text("orders.heading")}</a>
    </nav>
    <h1>${words.text("order.heading", { number: order.orderNumber })}</h1>
    <p>${orderStatusView(words, order)} ${words.time(order.createdAt)}</p>
    ${alertView(message)} ${canGiveBack ? "" : alertView(byHandText(words, order, moves))}
    ${
      moves.length === 0
        ? ""
        : html`<form class="actions" action="/admin/orders/${order.id}/status" method="post">
            ${moves.map(
              (status) =>
                html`<button
                  class="${status === "cancelled" ? "quiet" : ""}"
                  type="submit"
                  name="status"
                  value="${status}"
                >
                  ${words.text(`order.move.${status}`)}
                </button>`,
            )}
          </form>`
    }
    ${factsView(words, order)} ${trackingView(words, tracking)} ${itemsView(words, order)}
    ${refundsView(words, order, refunds)} ${refundFormView(words, order, refund)}`;
}

/** What a cancel leaves to whoever cancels; nothing where no money was taken, or none is left. */
function byHandText(
  words: AdminWords,
  { status, payment, netAmount }: Order,
  moves: readonly string[],
): string | undefined {
  if (payment?.status !== "captured" || isNothing(netAmount)) return undefined;
  const amount = words.money(netAmount);
  if (status === "cancelled") return words.text("order.byHand.now", { amount });
  return moves.includes("cancelled") ? words.text("order.byHand.then", { amount }) : undefined;
}

function factsView(words: AdminWords, order: Order): Html {
  const { id, email, trackingNumber, payment, shippingAddress, shippingMethod } = order;
  return html`<dl class="facts panel">
    ${factView(words.text("order.id"), html`<code>${id}</code>`)}
    ${factView(words.text("orders.customer"), html`<a href="mailto:${email}">${email}</a>`)}
    ${factView(words.text("order.address"), addressView(words, shippingAddress))}
    ${
      payment
        ? factView(
            words.text("order.payment"),
            html`${words.text("order.card", { brand: payment.brand, last4: payment.last4, status: payment.status })}`,
          )
        : ""
    }
    ${shippingMethod ? factView(words.text("order.shippingMethod"), html`${shippingMethod.name}`) : ""}
    ${factView(words.text("order.tracking"), html`${trackingNumber ? html`<code>${trackingNumber}</code>` : "–"}`)}
  </dl>`;
}

function factView(name: string, value: Html): Html {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}

function addressView(
  words: AdminWords,
  { fullName, line1, line2, postalCode, city, region, country }: Address,
): Html {
  const place = [postalCode, city, region].filter(Boolean).join(" ");
  const lines = [fullName, line1, line2, place, words.country(country)];
  return html`${lines.filter(Boolean).map((line) => html`<span class="address-line">${line}</span>`)}`;
}

function trackingView(words: AdminWords, tracking: Tracking | undefined): Html | undefined {
  if (!tracking || tracking.events.length === 0) return undefined;
  return html`<section class="timeline">
    <h2>${words.text("order.parcel")}</h2>
    <ol>
      ${tracking.events.map(
        ({ status, at }) =>
          html`<li><strong>${words.find(`parcel.${status}`) ?? status}</strong> ${words.time(at)}</li>`,
      )}
    </ol>
  </section>`;
}

function itemsView(words: AdminWords, order: Order): Html {
  const { items, subtotal, discount, shippingCost, tax, totalAmount, refundedAmount, netAmount } = order;
  const sums: { label: string; amount: Order["totalAmount"]; isKept?: boolean }[] = [
    { label: words.text("totals.subtotal"), amount: subtotal },
    { label: words.text("totals.discount"), amount: discount },
    { label: words.text("totals.shipping"), amount: shippingCost },
    { label: words.text("totals.tax"), amount: tax },
    { label: words.text("totals.total"), amount: totalAmount, isKept: true },
    ...(isNothing(refundedAmount)
      ? []
      : [
          { label: words.text("totals.refunded"), amount: refundedAmount, isKept: true },
          { label: words.text("totals.net"), amount: netAmount, isKept: true },
        ]),
  ];
  return html`<h2>${words.text("order.items")}</h2>
    <table class="table">
      <thead>
        <tr>
          <th scope="col">${words.text("order.product")}</th>
          <th scope="col" class="figure">${words.text("order.quantity")}</th>
          <th scope="col">${words.text("order.price")}</th>
        </tr>
      </thead>
      <tbody>
        ${items.map(
          ({ name, quantity, subtotal: price, productId }) =>
            html`<tr>
              <td><a href="/product/${productId}">${name}</a></td>
              <td class="figure">${words.number(quantity)}</td>
              <td>${words.money(price)}</td>
            </tr>`,
        )}
      </tbody>
      <tfoot>
        ${sums
          .filter(({ amount, isKept }) => isKept || !isNothing(amount))
          .map(
            ({ label, amount }) =>
              html`<tr>
                <th scope="row" colspan="2">${label}</th>
                <td>${words.money(amount)}</td>
              </tr>`,
          )}
      </tfoot>
    </table>`;
}
