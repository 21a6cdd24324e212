import type { Address, Order, Product, Tracking } from "#gen/rest/types.ts";
import { countryName } from "../countries.ts";
import { html, type Html } from "#platform/web/html.ts";
import { isZero, priceText } from "../price.ts";
import { timeView } from "./time.ts";
import { alertView } from "#platform/web/form.ts";
import { wordsOf } from "./listing.ts";
import { recommendationsView } from "./product-card.ts";

export function orderPlacedView(order: Order, recommended: readonly Product[] | undefined): Html {
  return html`<section class="wrap order">
      <div class="order-head">
        <p class="done" aria-hidden="true">✓</p>
        <h1>Thank you, your order is placed</h1>
        <p>A confirmation is on its way to <strong>${order.email}</strong>.</p>
      </div>
      ${orderFactsView(order)} ${orderLinesView(order)}
      <p class="actions">
        <a class="button" href="/">Keep shopping</a
        ><a class="button quiet" href="/orders/${order.id}">Follow the order</a>
      </p>
    </section>
    ${recommendationsView(recommended, "You may also like") ?? ""}`;
}

const statusWords: { readonly [status: string]: string } = {
  pending: "Waiting for payment",
  processing: "Being packed",
  shipped: "On its way",
  delivered: "Delivered",
  cancelled: "Cancelled",
};

export interface OrderViewParts {
  readonly order: Order;
  readonly tracking: Tracking | undefined;
  readonly isAdmin: boolean;
  readonly message?: string;
}

/** What an admin may do next; the API has the last word. */
const nextSteps: { readonly [status: string]: { readonly status: string; readonly words: string } } = {
  processing: { status: "shipped", words: "Mark as shipped" },
  shipped: { status: "delivered", words: "Mark as delivered" },
};

export function orderView({ order, tracking, isAdmin, message }: OrderViewParts): Html {
  const canCancel = order.status === "pending" || order.status === "processing";
  const next = isAdmin ? nextSteps[order.status] : undefined;
  return html`<section class="wrap order">
    <div class="order-head">
      <h1>Order ${order.orderNumber}</h1>
      <p>
        <span class="status ${order.status}">${statusWords[order.status] ?? order.status}</span> placed
        ${timeView(order.createdAt)}
      </p>
    </div>
    ${alertView(message)} ${orderFactsView(order)} ${trackingView(tracking)} ${orderLinesView(order)}
    <p class="actions">
      ${
        next
          ? html`<form action="/orders/${order.id}/status" method="post" data-once>
              <input type="hidden" name="status" value="${next.status}" /><button type="submit">
                ${next.words}
              </button>
            </form>`
          : ""
      }${
        canCancel
          ? html`<form action="/orders/${order.id}/cancel" method="post" data-once>
              <button class="quiet" type="submit">Cancel this order</button>
            </form>`
          : ""
      }
    </p>
  </section>`;
}

function orderFactsView({
  id,
  orderNumber,
  trackingNumber,
  totalAmount,
  payment,
  shippingAddress,
}: Order): Html {
  return html`<dl class="facts panel">
    <div>
      <dt>Order number</dt>
      <dd>${orderNumber}</dd>
    </div>
    <div>
      <dt>Order id</dt>
      <dd><code>${id}</code></dd>
    </div>
    <div>
      <dt>Tracking number</dt>
      <dd>
        ${trackingNumber ? html`<code>${trackingNumber}</code>` : "follows as soon as the parcel is ready"}
      </dd>
    </div>
    <div>
      <dt>Total paid</dt>
      <dd>
        ${priceText(totalAmount)}${payment?.last4 ? ` (${wordsOf(payment.brand || "card")} ending in ${payment.last4})` : ""}
      </dd>
    </div>
    <div>
      <dt>Goes to</dt>
      <dd>${addressView(shippingAddress)}</dd>
    </div>
  </dl>`;
}

function addressView({ fullName, line1, line2, postalCode, city, region, country }: Address): Html {
  const lines = [
    fullName,
    line1,
    line2,
    [postalCode, city, region].filter(Boolean).join(" "),
    countryName(country),
  ];
  return html`${lines.filter(Boolean).map((line) => html`<span class="address-line">${line}</span>`)}`;
}

function orderLinesView(order: Order): Html {
  const { items, subtotal, discount, shippingCost, tax, totalAmount } = order;
  return html`<table class="table">
      <thead>
        <tr>
          <th scope="col">Product</th>
          <th scope="col">Quantity</th>
          <th scope="col">Price</th>
        </tr>
      </thead>
      <tbody>
        ${items.map(
          ({ name, quantity, subtotal: price, productId }) =>
            html`<tr>
              <td><a href="/product/${productId}">${name}</a></td>
              <td>${quantity}</td>
              <td>${priceText(price)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    <dl class="totals">
      <div>
        <dt>Subtotal</dt>
        <dd>${priceText(subtotal)}</dd>
      </div>
      ${
        isZero(discount)
          ? ""
          : html`<div>
              <dt>Discount</dt>
              <dd>−${priceText(discount)}</dd>
            </div>`
      }
      <div>
        <dt>Shipping</dt>
        <dd>${isZero(shippingCost) ? "Free" : priceText(shippingCost)}</dd>
      </div>
      ${
        isZero(tax)
          ? ""
          : html`<div>
              <dt>Tax</dt>
              <dd>${priceText(tax)}</dd>
            </div>`
      }
      <div class="total">
        <dt>Total</dt>
        <dd>${priceText(totalAmount)}</dd>
      </div>
    </dl>`;
}

const parcelWords: { readonly [status: string]: string } = {
  label_created: "Parcel packed",
  in_transit: "Handed to the carrier",
  delivered: "Delivered",
  cancelled: "Parcel stopped",
};

function trackingView(tracking: Tracking | undefined): Html | undefined {
  if (!tracking || tracking.events.length === 0) return undefined;
  const expected = tracking.estimatedDeliveryOn;
  return html`<section class="timeline">
    <h2>Where it is</h2>
    <ol>
      ${tracking.events.map(
        ({ status, at }) => html`<li><strong>${parcelWords[status] ?? status}</strong> ${timeView(at)}</li>`,
      )}
    </ol>
    ${
      expected && tracking.status !== "delivered" && tracking.status !== "cancelled"
        ? html`<p class="muted">Expected by ${timeView(expected)}</p>`
        : ""
    }
  </section>`;
}

export function ordersView(
  orders: readonly Order[],
  nextUrl: string | undefined,
  heading = "Your orders",
): Html {
  return html`<section class="wrap orders">
    <h1>${heading}</h1>
    ${
      orders.length === 0
        ? html`<p>Nothing here yet.</p>
            <p class="actions"><a class="button" href="/">Go to the shop</a></p>`
        : html`<table class="table">
            <thead>
              <tr>
                <th scope="col">Order</th>
                <th scope="col">Placed</th>
                <th scope="col">Status</th>
                <th scope="col">Total</th>
              </tr>
            </thead>
            <tbody>
              ${orders.map(
                ({ id, orderNumber, createdAt, status, totalAmount }) =>
                  html`<tr>
                    <td><a href="/orders/${id}">${orderNumber}</a></td>
                    <td>${timeView(createdAt)}</td>
                    <td><span class="status ${status}">${statusWords[status] ?? status}</span></td>
                    <td>${priceText(totalAmount)}</td>
                  </tr>`,
              )}
            </tbody>
          </table>`
    }${nextUrl === undefined ? "" : html`<nav class="pages" aria-label="Pages"><a class="button quiet" rel="next" href="${nextUrl}">Older orders</a></nav>`}
  </section>`;
}
