import type { Order } from "#gen/rest/types.ts";
import { html, type Html } from "#platform/web/html.ts";
import type { Look } from "../look.ts";
import { wordsOf } from "./listing.ts";

/** The API has the last word. */
export function canBeCancelled({ status }: Order): boolean {
  return status === "pending" || status === "processing";
}

/** Says what becomes of order and money before anything is done. */
export function cancelOrderView({ words }: Look, order: Order): Html {
  const { id, orderNumber, status, netAmount, payment } = order;
  const total = words.money(netAmount);
  const card = payment?.last4
    ? words.text("order.card", { brand: wordsOf(payment.brand || "card"), last4: payment.last4 })
    : "none";
  return html`<section class="wrap notice">
    <h1>${words.text("order.cancelAsk.heading", { number: orderNumber })}</h1>
    <p>
      ${
        status === "pending"
          ? words.text("order.cancelAsk.unpaid")
          : words.text("order.cancelAsk.refund", { total, card })
      }
    </p>
    <p>${words.text("order.cancelAsk.final")}</p>
    <form class="actions" action="/orders/${id}/cancel" method="post" data-once>
      <button class="danger" type="submit">${words.text("order.cancelAsk.yes")}</button
      ><a class="button quiet" href="/orders/${id}">${words.text("order.cancelAsk.no")}</a>
    </form>
  </section>`;
}
