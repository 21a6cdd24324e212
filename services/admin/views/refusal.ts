import { html, type Html } from "#platform/web/html.ts";
import type { Refusal } from "../refusal.ts";
import type { AdminVisit } from "../visit.ts";

export function refusalView({ words, requestId }: AdminVisit, refusal: Refusal): Html {
  const code = (inside: Html) => html`<code>${inside}</code>`;
  return html`<section class="notice">
    <p class="notice-code" aria-hidden="true">${refusal.status}</p>
    <h1>${refusal.heading(words)}</h1>
    <p>${refusal.sentence(words)}</p>
    <p class="actions">
      ${
        refusal.named === "staff"
          ? html`<a class="button" href="/admin/login">${words.text("refusal.signIn")}</a>`
          : html`<a class="button" href="/admin">${words.text("frame.orders")}</a>`
      }<a class="button quiet" href="/">${words.text("frame.shop")}</a>
    </p>
    ${refusal.status >= 500 ? html`<p class="small">${words.rich("refusal.requestId", { code, id: requestId })}</p>` : ""}
  </section>`;
}
