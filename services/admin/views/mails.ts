import type { FullMail, MailList } from "#gen/rest/types.ts";
import { html, type Html } from "#platform/web/html.ts";
import { pagesView, tableView, type ListAddress } from "#platform/web/table.ts";
import type { AdminWords } from "../context.ts";

export interface MailsParts {
  readonly address: ListAddress;
  readonly mails: MailList;
}

export function mailsView(words: AdminWords, { address, mails }: MailsParts): Html {
  return html`<h1>${words.text("mails.heading")}</h1>
    <p class="muted">${words.text("mails.intro")}</p>
    ${
      mails.items.length === 0
        ? html`<p class="empty">${words.text("mails.none")}</p>`
        : tableView({
            caption: words.text("mails.heading"),
            address,
            rows: mails.items,
            columns: [
              {
                heading: words.text("mails.subject"),
                cell: ({ id, subject }) => html`<a href="/admin/mail/${id}">${subject}</a>`,
              },
              { heading: words.text("mails.to"), cell: ({ recipient }) => recipient },
              { heading: words.text("mails.when"), cell: ({ createdAt }) => words.time(createdAt) },
              { heading: words.text("mails.state"), cell: ({ status }) => stateText(words, status) },
            ],
          })
    }
    ${pagesView(address, mails.nextCursor, {
      label: words.text("pages.label"),
      first: words.text("pages.first"),
      next: words.text("mails.older"),
    })}`;
}

function stateText(words: AdminWords, status: string): string {
  return words.find(`mail.${status}`) ?? status;
}

export function mailView(words: AdminWords, mail: FullMail): Html {
  const { id, subject, recipient, createdAt, status, text } = mail;
  return html`<nav class="trail" aria-label="${words.text("frame.where")}">
      <a href="/admin/mail">${words.text("mails.heading")}</a>
    </nav>
    <h1>${subject}</h1>
    <p class="muted">
      ${words.rich("mails.facts", { recipient, time: words.time(createdAt), status: stateText(words, status) })}
    </p>
    <iframe class="mail" src="/admin/mail/${id}/html" sandbox title="${words.text("mails.frame")}"></iframe>
    <details>
      <summary>${words.text("mails.plain")}</summary>
      <pre>${text}</pre>
    </details>`;
}
