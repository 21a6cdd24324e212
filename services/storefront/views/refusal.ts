import { html, type Html } from "#platform/web/html.ts";
import type { Refusal } from "../refusal.ts";
import type { Visit } from "../visit.ts";

export function refusalView({ look, requestId }: Visit, refusal: Refusal): Html {
  const { words } = look;
  const code = (inside: Html) => html`<code>${inside}</code>`;
  return html`<section class="wrap notice">
    <p class="notice-code" aria-hidden="true">${refusal.status}</p>
    <h1>${refusal.heading(words)}</h1>
    <p>${refusal.sentence(words)}</p>
    <p class="actions">
      <a class="button" href="/">${words.text("refusal.toShop")}</a>${
        refusal.status === 404
          ? html`<a class="button quiet" href="/search?q=">${words.text("listing.browse")}</a>`
          : ""
      }
    </p>
    ${
      refusal.status >= 500
        ? html`<p class="small">${words.rich("refusal.requestId", { code, id: requestId })}</p>`
        : ""
    }
  </section>`;
}
