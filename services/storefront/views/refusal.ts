import { html, type Html } from "#platform/web/html.ts";
import type { Refusal } from "../refusal.ts";
import type { Visit } from "../visit.ts";

export function refusalView(visit: Visit, refusal: Refusal): Html {
  return html`<section class="wrap notice">
    <p class="notice-code" aria-hidden="true">${refusal.status}</p>
    <h1>${refusal.heading}</h1>
    <p>${refusal.message}</p>
    <p class="actions">
      <a class="button" href="/">Go to the shop</a>${
        refusal.status === 404 ? html`<a class="button quiet" href="/search?q=">Browse everything</a>` : ""
      }
    </p>
    ${
      refusal.status >= 500
        ? html`<p class="small">
            If it keeps happening, tell us this number: <code>${visit.requestId}</code>
          </p>`
        : ""
    }
  </section>`;
}
