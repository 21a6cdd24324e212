import type { Facts } from "#platform/kit/service.ts";
import { html } from "./html.ts";
import { oneLine, type MailContent } from "./mail.ts";
import { formatMoney, type MailOrder } from "./mail-order.ts";

/** The shop, as mails name it. */
export type MailShop = Pick<Facts, "name" | "url" | "supportEmail">;

/** What differs between the mails about an order. */
export interface MailText {
  readonly subject: string;
  readonly heading: string;
  readonly paragraphs: readonly string[];
  /** Whether items, sums and address are repeated. */
  readonly hasDetails: boolean;
}

/** One mail in both forms; everything that comes from outside is escaped. */
export function layOut(mail: MailText, order: MailOrder, shop: MailShop): MailContent {
  return {
    subject: oneLine(mail.subject),
    html: printable(asHtml(mail, order, shop)),
    text: printable(asText(mail, order, shop)),
  };
}

/** Names and addresses may hold characters that neither a mail nor the database can. */
function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, "").toWellFormed();
}

function linkOf(order: MailOrder, shop: MailShop): string {
  return `${shop.url}/orders/${encodeURIComponent(order.id)}`;
}

function asHtml(
  { subject, heading, paragraphs, hasDetails }: MailText,
  order: MailOrder,
  shop: MailShop,
): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>${oneLine(subject)}</title>
      </head>
      <body style="margin:0;padding:24px;background:#f6f4ef;font-family:Georgia,serif;color:#22252b">
        <div style="max-width:560px;margin:0 auto;padding:32px;background:#ffffff">
          <p style="margin:0 0 24px;font-size:14px;letter-spacing:.08em">${shop.name}</p>
          <h1 style="margin:0 0 16px;font-size:24px">${heading}</h1>
          ${paragraphs.map((paragraph) => html`<p style="margin:0 0 12px;line-height:1.5">${paragraph}</p>`)}
          ${hasDetails ? detailsAsHtml(order) : ""}
          <p style="margin:24px 0 0"><a href="${linkOf(order, shop)}">See order ${order.number}</a></p>
          ${supportAsHtml(shop)}
        </div>
      </body>
    </html>`;
  return page.toString();
}

function detailsAsHtml(order: MailOrder) {
  const row = (label: string, amount: string) =>
    html`<tr>
      <td style="padding:4px 0">${label}</td>
      <td style="padding:4px 0;text-align:right">${amount}</td>
    </tr>`;
  const items = order.items.map(({ name, quantity, subtotal }) =>
    row(`${quantity} × ${name}`, subtotal ? formatMoney(subtotal) : ""),
  );
  const sums = order.sums.map(({ label, amount }) => row(label, formatMoney(amount)));
  const address = order.addressLines.map((line) => html`${line}<br />`);
  return html`<table style="width:100%;border-collapse:collapse;margin:16px 0">
      ${items}${sums}
    </table>
    ${address.length > 0 ? html`<p style="line-height:1.5">Goes to:<br />${address}</p>` : ""}`;
}

function supportAsHtml({ supportEmail }: MailShop) {
  if (supportEmail === "") return "";
  return html`<p style="margin:12px 0 0">Questions? <a href="mailto:${supportEmail}">${supportEmail}</a></p>`;
}

function asText({ heading, paragraphs, hasDetails }: MailText, order: MailOrder, shop: MailShop): string {
  const details = hasDetails ? detailsAsText(order) : [];
  const link = `See order ${order.number}: ${linkOf(order, shop)}`;
  const support = shop.supportEmail === "" ? [] : [`Questions? ${shop.supportEmail}`];
  return [heading, "", ...paragraphs, "", ...details, link, ...support, "", shop.name, ""].join("\n");
}

function detailsAsText(order: MailOrder): string[] {
  const row = (label: string, amount: string) => `${label.padEnd(44)} ${amount.padStart(14)}`.trimEnd();
  const items = order.items.map(({ name, quantity, subtotal }) =>
    row(`${quantity} x ${name}`, subtotal ? formatMoney(subtotal) : ""),
  );
  const sums = order.sums.map(({ label, amount }) => row(label, formatMoney(amount)));
  const address = order.addressLines.length > 0 ? ["Goes to:", ...order.addressLines, ""] : [];
  return [...items, "", ...sums, "", ...address];
}
