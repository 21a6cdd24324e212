import type { Order } from "#gen/rest/types.ts";
import { html, type Html } from "#platform/web/html.ts";
import type { Look } from "../look.ts";
import { isZero } from "../price.ts";
import { wordsOf } from "./listing.ts";

/** The API has the last word. */
export function canBeCancelled({ status }: Order): boolean {
  return status === "pending" || status === "processing";
}

/** Says what becomes of order and money before anything is done. */
export function cancelOrderView(look: Look, order: Order): Html {
  const { words } = look;
  const { id, orderNumber } = order;
  return html`<section class="wrap notice">
    <h1>${words.text("order.cancelAsk.heading", { number: orderNumber })}</h1>
    <p>${refundText(look, order)}</p>
    <p>${words.text("order.cancelAsk.final")}</p>
    <form class="actions" action="/orders/${id}/cancel" method="post" data-once>
      <button class="danger" type="submit">${words.text("order.cancelAsk.yes")}</button
      ><a class="button quiet" href="/orders/${id}">${words.text("order.cancelAsk.no")}</a>
    </form>
  </section>`;
}

function refundText({ words }: Look, { status, netAmount, payment }: Order): string {
  if (status === "pending") return words.text("order.cancelAsk.unpaid");
  if (isZero(netAmount)) return words.text("order.cancelAsk.refunded");
  const card = payment?.last4
    ? words.text("order.card", { brand: wordsOf(payment.brand || "card"), last4: payment.last4 })
    : "none";
  return words.text("order.cancelAsk.refund", { total: words.money(netAmount), card });
}
