import type { Order, Refund } from "#gen/rest/types.ts";
import { fieldView } from "#platform/web/form.ts";
import { html, type Html } from "#platform/web/html.ts";
import type { AdminWords } from "../context.ts";
import { isNothing } from "./orders.ts";

/** What the staff typed, and names the refund: sent twice, it is given once. */
export interface RefundForm {
  readonly refundId: string;
  readonly amount: string;
  readonly reason: string;
  readonly message?: string | undefined;
}

export function refundsView(words: AdminWords, order: Order, refunds: readonly Refund[]): Html | undefined {
  if (refunds.length === 0) return undefined;
  return html`<h2>${words.text("refunds.heading")}</h2>
    <table class="table">
      <thead>
        <tr>
          <th scope="col">${words.text("refunds.at")}</th>
          <th scope="col">${words.text("refunds.reason")}</th>
          <th scope="col">${words.text("refunds.by")}</th>
          <th scope="col">${words.text("refunds.status")}</th>
          <th scope="col">${words.text("refunds.amount")}</th>
        </tr>
      </thead>
      <tbody>
        ${refunds.map(
          ({ createdAt, reason, actor, status, amount }) =>
            html`<tr>
              <td>${words.time(createdAt)}</td>
              <td>${reason || "–"}</td>
              <td>${actorText(words, order, actor)}</td>
              <td>${words.text(`refunds.status.${status}`)}</td>
              <td>${words.money(amount)}</td>
            </tr>`,
        )}
      </tbody>
    </table>`;
}

function actorText(words: AdminWords, { userId }: Order, actor: string): string {
  if (actor === "payment") return words.text("refunds.by.provider");
  if (actor === userId) return words.text("refunds.by.customer");
  return /^[0-9a-f]{8}-/.test(actor) ? words.text("refunds.by.staff") : actor;
}

/** Whether there is anything that a refund could give back; the API has the last word. */
function canBeRefunded({ status, payment, netAmount }: Order): boolean {
  return status !== "cancelled" && status !== "pending" && payment !== null && !isNothing(netAmount);
}

export function refundFormView(words: AdminWords, order: Order, form: RefundForm): Html | undefined {
  if (!canBeRefunded(order)) return undefined;
  const { currencyCode } = order.netAmount;
  return html`<h2>${words.text("refund.heading")}</h2>
    <form class="panel" action="/admin/orders/${order.id}/refunds" method="post" data-once>
      <input type="hidden" name="refundId" value="${form.refundId}" />
      <div class="fields">
        ${fieldView({ name: "amount", label: words.text("refund.amount", { currency: currencyCode }), inputmode: "decimal", autocomplete: "off", maxlength: 30, size: "half", isRequired: false, value: form.amount, message: form.message, hint: words.text("refund.left", { amount: words.money(order.netAmount) }) })}
        ${fieldView({ name: "reason", label: words.text("refund.reason"), autocomplete: "off", maxlength: 500, size: "half", isRequired: false, value: form.reason })}
      </div>
      <p class="actions">
        <button type="submit" name="what" value="part">${words.text("refund.part")}</button
        ><button class="quiet" type="submit" name="what" value="full">${words.text("refund.full")}</button>
      </p>
    </form>`;
}
