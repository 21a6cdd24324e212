import type { FullMail, MailList, OrderList } from "#gen/rest/types.ts";
import { html, type Html } from "#platform/web/html.ts";
import { ordersView } from "./order.ts";
import { timeView } from "./time.ts";

export const statuses = ["pending", "processing", "shipped", "delivered", "cancelled"] as const;

export function adminView(orders: OrderList, status: string | undefined): Html {
  const query = status === undefined ? "" : `status=${encodeURIComponent(status)}&`;
  const nextUrl =
    orders.nextCursor === null ? undefined : `/admin?${query}cursor=${encodeURIComponent(orders.nextCursor)}`;
  const chips = [undefined, ...statuses].map((choice) => chipView(choice, status));
  return html`<div class="wrap staff">
      <p class="actions">
        <a class="button quiet" href="/admin/mail">Mails the shop sent</a
        ><a class="button quiet" href="/docs">API reference</a>
      </p>
      <ul class="chips">
        ${chips}
      </ul>
    </div>
    ${ordersView(orders.items, nextUrl, `Orders (${orders.total})`)}`;
}

function chipView(choice: string | undefined, chosen: string | undefined): Html {
  const href = choice === undefined ? "/admin" : `/admin?status=${choice}`;
  return html`<li>
    <a class="chip" href="${href}" ${choice === chosen ? html` aria-current="true"` : ""}
      >${choice ?? "all"}</a
    >
  </li>`;
}

export function mailsView(mails: MailList): Html {
  return html`<section class="wrap orders">
    <h1>Mails</h1>
    <p>What the shop sent. On a laptop mails are kept here instead of leaving the house.</p>
    ${
      mails.items.length === 0
        ? html`<p>None yet: place an order and look again.</p>`
        : html`<table class="table">
            <thead>
              <tr>
                <th scope="col">Subject</th>
                <th scope="col">To</th>
                <th scope="col">When</th>
                <th scope="col">State</th>
              </tr>
            </thead>
            <tbody>
              ${mails.items.map(
                ({ id, subject, recipient, createdAt, status }) =>
                  html`<tr>
                    <td><a href="/admin/mail/${id}">${subject}</a></td>
                    <td>${recipient}</td>
                    <td>${timeView(createdAt)}</td>
                    <td>${status}</td>
                  </tr>`,
              )}
            </tbody>
          </table>`
    }${
      mails.nextCursor === null
        ? ""
        : html`<nav class="pages" aria-label="Pages">
            <a
              class="button quiet"
              rel="next"
              href="/admin/mail?cursor=${encodeURIComponent(mails.nextCursor)}"
              >Older mails</a
            >
          </nav>`
    }
  </section>`;
}

export function mailView({ id, subject, recipient, createdAt, status, text }: FullMail): Html {
  return html`<section class="wrap orders">
    <nav class="trail" aria-label="Where you are"><a href="/admin/mail">Mails</a></nav>
    <h1>${subject}</h1>
    <p class="muted">To ${recipient}, ${timeView(createdAt)}, ${status}</p>
    <iframe class="mail" src="/admin/mail/${id}/html" sandbox title="The mail as its reader sees it"></iframe>
    <details>
      <summary>As plain text</summary>
      <pre>${text}</pre>
    </details>
  </section>`;
}
