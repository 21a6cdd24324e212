import type { Address, Order, Product, Tracking } from "#gen/rest/types.ts";
import { html, type Html } from "#platform/web/html.ts";
import type { Look } from "../look.ts";
import { alertView } from "#platform/web/form.ts";
import { canBeCancelled } from "./cancel-order.ts";
import { wordsOf } from "./listing.ts";
import { isZero } from "../price.ts";
import { recommendationsView } from "./product-card.ts";
import { totalsView } from "./totals.ts";

export function orderPlacedView(
  look: Look,
  order: Order,
  recommended: readonly Product[] | undefined,
  sendsMails: boolean,
): Html {
  const { words } = look;
  return html`<section class="wrap order">
      ${thanksView(look, order, sendsMails)} ${orderFactsView(look, order)} ${orderLinesView(look, order)}
      <p class="actions">
        <a class="button" href="/">${words.text("order.keepShopping")}</a
        ><a class="button quiet" href="/orders/${order.id}">${words.text("order.follow")}</a>
      </p>
    </section>
    ${recommendationsView(look, recommended, "recommended.also") ?? ""}`;
}

function thanksView({ words }: Look, order: Order, sendsMails: boolean): Html {
  const strong = (inside: Html) => html`<strong>${inside}</strong>`;
  return html`<div class="order-head">
    <p class="done" aria-hidden="true">✓</p>
    <h1>${words.text("order.thanks")}</h1>
    <p>
      ${sendsMails ? words.rich("order.confirmation", { strong, email: order.email }) : words.text("order.noConfirmation")}
    </p>
  </div>`;
}

/** Said in the colour of a good or a bad end. */
const tones: { readonly [status: string]: string } = { shipped: "good", delivered: "good", cancelled: "bad" };

function statusView({ words }: Look, order: Order): Html {
  const { status } = order;
  // Nobody packs it any more, and nobody has cancelled it.
  if (isWhollyRefunded(order))
    return html`<span class="status bad">${words.text("order.status.refunded")}</span>`;
  return html`<span class="status ${tones[status]}">${words.text(`order.status.${status}`)}</span>`;
}

export interface OrderViewParts {
  readonly order: Order;
  readonly tracking: Tracking | undefined;
  readonly isAdmin: boolean;
  /** Its buyer has just placed it. */
  readonly isNew: boolean;
  readonly sendsMails: boolean;
  /** Opened with the link of a mail, which moves nothing. */
  readonly isByLink: boolean;
  readonly recommended: readonly Product[] | undefined;
  readonly message?: string;
}

/** What an admin may do next; the API has the last word. */
const nextSteps: { readonly [status: string]: "shipped" | "delivered" } = {
  processing: "shipped",
  shipped: "delivered",
};

/** Its goods do not leave any more. */
function isWhollyRefunded({ status, refundedAmount, netAmount }: Order): boolean {
  return status === "processing" && !isZero(refundedAmount) && isZero(netAmount);
}

export function orderView(look: Look, parts: OrderViewParts): Html {
  const { words } = look;
  const { order, tracking, isAdmin, isNew, isByLink, sendsMails, recommended, message } = parts;
  const status = statusView(look, order);
  const time = words.time(order.createdAt);
  const next = isAdmin && !isWhollyRefunded(order) ? nextSteps[order.status] : undefined;
  return html`<section class="wrap order">
      ${
        isNew
          ? thanksView(look, order, sendsMails)
          : html`<div class="order-head">
              <h1>${words.text("order.heading", { number: order.orderNumber })}</h1>
            </div>`
      }
      <p class="order-state">${words.rich("order.placed", { status, time })}</p>
      ${alertView(message)} ${orderFactsView(look, order)} ${trackingView(look, tracking)}
      ${orderLinesView(look, order)}
      ${isByLink ? html`<p class="muted">${words.text("order.byLink")}</p>` : ""}
      <p class="actions">
        ${
          next
            ? html`<form action="/orders/${order.id}/status" method="post" data-once>
                <input type="hidden" name="status" value="${next}" /><button type="submit">
                  ${words.text(`order.move.${next}`)}
                </button>
              </form>`
            : ""
        }${isNew ? html`<a class="button" href="/">${words.text("order.keepShopping")}</a>` : ""}${
          canBeCancelled(order) && !isByLink
            ? html`<a class="button quiet" href="/orders/${order.id}/cancel"
                >${words.text("order.cancel")}</a
              >`
            : ""
        }
      </p>
    </section>
    ${recommendationsView(look, recommended, "recommended.also") ?? ""}`;
}

function orderFactsView(look: Look, order: Order): Html {
  const { words } = look;
  const { id, orderNumber, trackingNumber, totalAmount, payment, shippingAddress } = order;
  const card = payment?.last4
    ? words.text("order.card", { brand: wordsOf(payment.brand || "card"), last4: payment.last4 })
    : undefined;
  return html`<dl class="facts panel">
    <div>
      <dt>${words.text("order.number")}</dt>
      <dd>${orderNumber}</dd>
    </div>
    <div>
      <dt>${words.text("order.id")}</dt>
      <dd><code>${id}</code></dd>
    </div>
    <div>
      <dt>${words.text("order.trackingNumber")}</dt>
      <dd>${trackingNumber ? html`<code>${trackingNumber}</code>` : words.text("order.trackingSoon")}</dd>
    </div>
    <div>
      <dt>${words.text("order.paid")}</dt>
      <dd>${words.money(totalAmount)}${card === undefined ? "" : ` (${card})`}</dd>
    </div>
    ${refundedView(look, order)}
    <div>
      <dt>${words.text("order.address")}</dt>
      <dd>${addressView(look, shippingAddress)}</dd>
    </div>
  </dl>`;
}

function refundedView({ words }: Look, { refundedAmount, netAmount }: Order): Html | undefined {
  if (isZero(refundedAmount)) return undefined;
  return html`<div>
      <dt>${words.text("order.refunded")}</dt>
      <dd>${words.money(refundedAmount)}</dd>
    </div>
    <div>
      <dt>${words.text("order.net")}</dt>
      <dd>${words.money(netAmount)}</dd>
    </div>`;
}

function addressView(
  { words }: Look,
  { fullName, line1, line2, postalCode, city, region, country }: Address,
): Html {
  const lines = [
    fullName,
    line1,
    line2,
    [postalCode, city, region].filter(Boolean).join(" "),
    words.country(country),
  ];
  return html`${lines.filter(Boolean).map((line) => html`<span class="address-line">${line}</span>`)}`;
}

function orderLinesView(look: Look, order: Order): Html {
  const { words } = look;
  const { items, subtotal, discount, shippingCost, tax, totalAmount } = order;
  return html`<table class="table">
      <thead>
        <tr>
          <th scope="col">${words.text("order.product")}</th>
          <th scope="col">${words.text("order.quantity")}</th>
          <th scope="col">${words.text("order.price")}</th>
        </tr>
      </thead>
      <tbody>
        ${items.map(
          ({ name, quantity, subtotal: price, productId }) =>
            html`<tr>
              <td><a href="/product/${productId}">${name}</a></td>
              <td>${quantity}</td>
              <td>${words.money(price)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${totalsView(look, { subtotal, discount, shippingCost, tax, total: totalAmount })}`;
}

function trackingView({ words }: Look, tracking: Tracking | undefined): Html | undefined {
  if (!tracking || tracking.events.length === 0) return undefined;
  const expected = tracking.estimatedDeliveryOn;
  return html`<section class="timeline">
    <h2>${words.text("order.tracking")}</h2>
    <ol>
      ${tracking.events.map(
        ({ status, at }) =>
          html`<li>
            <strong>${words.find(`order.tracking.${status}`) ?? status}</strong> ${words.time(at)}
          </li>`,
      )}
    </ol>
    ${
      expected && tracking.status !== "delivered" && tracking.status !== "cancelled"
        ? html`<p class="muted">${words.rich("order.expected", { time: words.time(expected) })}</p>`
        : ""
    }
  </section>`;
}

export function ordersView(look: Look, orders: readonly Order[], nextUrl: string | undefined): Html {
  const { words } = look;
  return html`<section class="wrap orders">
    <h1>${words.text("orders.heading")}</h1>
    ${
      orders.length === 0
        ? html`<p>${words.text("orders.none")}</p>
            <p class="actions"><a class="button" href="/">${words.text("refusal.toShop")}</a></p>`
        : html`<table class="table">
            <thead>
              <tr>
                <th scope="col">${words.text("orders.order")}</th>
                <th scope="col">${words.text("orders.placed")}</th>
                <th scope="col">${words.text("orders.status")}</th>
                <th scope="col">${words.text("orders.total")}</th>
              </tr>
            </thead>
            <tbody>
              ${orders.map(
                (order) =>
                  html`<tr>
                    <td><a href="/orders/${order.id}">${order.orderNumber}</a></td>
                    <td>${words.time(order.createdAt)}</td>
                    <td>${statusView(look, order)}</td>
                    <td>${words.money(order.totalAmount)}${refundedNote(look, order)}</td>
                  </tr>`,
              )}
            </tbody>
          </table>`
    }${nextUrl === undefined ? "" : html`<nav class="pages" aria-label="${words.text("listing.pages")}"><a class="button quiet" rel="next" href="${nextUrl}">${words.text("orders.older")}</a></nav>`}
  </section>`;
}

function refundedNote({ words }: Look, { refundedAmount, netAmount }: Order): Html | undefined {
  if (isZero(refundedAmount)) return undefined;
  const amounts = { amount: words.money(refundedAmount), net: words.money(netAmount) };
  return html`<br /><small class="muted">${words.text("orders.refunded", amounts)}</small>`;
}
