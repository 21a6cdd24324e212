import type { Order } from "#gen/rest/types.ts";
import { html, type Html } from "#platform/web/html.ts";
import type { PaymentForm } from "../extension.ts";
import type { Look } from "../look.ts";

/** On the way to the provider's own page: a browser goes by itself, and a person may press. */
export function leaveView({ words }: Look, order: Order, url: string): Html {
  return html`<section class="wrap notice">
    <h1>${words.text("pay.leave.heading")}</h1>
    <p>${words.text("pay.leave.text", { total: words.money(order.totalAmount) })}</p>
    <p class="actions"><a class="button" href="${url}">${words.text("pay.leave.button")}</a></p>
  </section>`;
}

export interface ElementParts {
  readonly form: PaymentForm;
  readonly key: string;
  readonly secret: string;
  readonly returnUrl: string;
}

/** The provider's element on our page; its script shows the button when there is something to press it for. */
export function elementView({ words, url }: Look, order: Order, parts: ElementParts): Html {
  const { form, key, secret, returnUrl } = parts;
  const total = words.money(order.totalAmount);
  return html`<section class="wrap notice">
      <h1>${words.text("pay.heading", { total })}</h1>
      <form
        class="panel payment"
        data-payment="${form.provider}"
        data-key="${key}"
        data-secret="${secret}"
        data-return="${returnUrl}"
        data-locale="${words.locale}"
        data-unreachable="${words.text("pay.unreachable")}"
      >
        <p class="alert" role="alert" data-payment-alert hidden></p>
        <div data-payment-place></div>
        <button class="wide" type="submit" hidden>${words.text("pay.button", { total })}</button>
        <noscript><p>${words.text("pay.noScript")}</p></noscript>
      </form>
      ${giveUpView(words.text("pay.giveUp"), `/checkout/return/${order.id}`)}
    </section>
    <script src="${form.remoteScript}" defer></script>
    <script src="${url(form.script)}" defer></script>`;
}

/** Undefined: somebody is just at work on the order. */
export function waitView({ words }: Look, path: string, order: Order | undefined): Html {
  const isToPay = order?.payment?.action !== undefined;
  const pay = html`<a class="button" href="/checkout/pay/${order?.id ?? ""}">${words.text("pay.again")}</a>`;
  return html`<section class="wrap notice" aria-live="polite">
    <h1>${words.text(isToPay ? "pay.open.heading" : "pay.wait.heading")}</h1>
    <p>${words.text(isToPay ? "pay.open.text" : "pay.wait.text")}</p>
    ${isToPay ? html`<p class="actions">${pay}</p>` : ""}
    ${isToPay ? giveUpView(words.text("pay.giveUp"), path) : ""}
  </section>`;
}

function giveUpView(text: string, path: string): Html {
  return html`<form action="${path}/cancel" method="post">
    <button class="link" type="submit">${text}</button>
  </form>`;
}
