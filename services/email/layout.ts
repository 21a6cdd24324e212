import { html, type Html } from "#platform/web/html.ts";
import { oneLine, type MailContent } from "./mail.ts";
import type { MailOrder, SumName } from "./mail-order.ts";
import { moneyText, type MailShop } from "./mail-shop.ts";

/** What differs between the mails about an order. */
export interface MailText {
  readonly subject: string;
  readonly heading: string;
  readonly paragraphs: readonly string[];
  /** Whether items, sums and address are repeated. */
  readonly hasDetails: boolean;
}

/** Where a mail leads. */
export interface MailLink {
  readonly url: string;
  readonly text: string;
}

/** One mail about an order in both forms; everything that comes from outside is escaped. */
export function layOut(mail: MailText, order: MailOrder, shop: MailShop): MailContent {
  const link = { url: linkOf(order, shop), text: shop.words.text("mail.seeOrder", { number: order.number }) };
  const details = mail.hasDetails
    ? { html: detailsAsHtml(order, shop), text: detailsAsText(order, shop) }
    : undefined;
  return compose(mail, { link, details }, shop);
}

/** The same for a mail about no order. */
export function layOutPlain(mail: Omit<MailText, "hasDetails">, link: MailLink, shop: MailShop): MailContent {
  return compose(mail, { link, details: undefined }, shop);
}

interface Parts {
  readonly link: MailLink;
  readonly details: { readonly html: Html; readonly text: readonly string[] } | undefined;
}

function compose(mail: Omit<MailText, "hasDetails">, parts: Parts, shop: MailShop): MailContent {
  return {
    subject: oneLine(mail.subject),
    html: printable(asHtml(mail, parts, shop)),
    text: printable(asText(mail, parts, shop)),
  };
}

/** Names and addresses may hold characters that neither a mail nor the database can. */
function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, "").toWellFormed();
}

function linkOf(order: MailOrder, shop: MailShop): string {
  const access = order.access === "" ? "" : `?access=${encodeURIComponent(order.access)}`;
  return `${shop.url}/orders/${encodeURIComponent(order.id)}${access}`;
}

function asHtml(
  { subject, heading, paragraphs }: Omit<MailText, "hasDetails">,
  { link, details }: Parts,
  shop: MailShop,
): string {
  const { words } = shop;
  const page = html`<!doctype html>
    <html lang="${words.locale}">
      <head>
        <meta charset="utf-8" />
        <title>${oneLine(subject)}</title>
      </head>
      <body style="margin:0;padding:24px;background:#f6f4ef;font-family:Georgia,serif;color:#22252b">
        <div style="max-width:560px;margin:0 auto;padding:32px;background:#ffffff">
          <p style="margin:0 0 24px;font-size:14px;letter-spacing:.08em">${shop.name}</p>
          <h1 style="margin:0 0 16px;font-size:24px">${heading}</h1>
          ${paragraphs.map((paragraph) => html`<p style="margin:0 0 12px;line-height:1.5">${paragraph}</p>`)}
          ${details?.html ?? ""}
          <p style="margin:24px 0 0">
            <a href="${link.url}">${link.text}</a>
          </p>
          ${supportAsHtml(shop)}
        </div>
      </body>
    </html>`;
  return page.toString();
}

function detailsAsHtml(order: MailOrder, shop: MailShop) {
  const row = (label: string, amount: string) =>
    html`<tr>
      <td style="padding:4px 0">${label}</td>
      <td style="padding:4px 0;text-align:right">${amount}</td>
    </tr>`;
  const items = order.items.map(({ name, quantity, subtotal }) =>
    row(`${quantity} × ${name}`, subtotal ? moneyText(shop, subtotal) : ""),
  );
  const sums = order.sums.map(({ name, amount }) =>
    row(sumLabel(name, order, shop), moneyText(shop, amount)),
  );
  const address = addressOf(order, shop).map((line) => html`${line}<br />`);
  return html`<table style="width:100%;border-collapse:collapse;margin:16px 0">
      ${items}${sums}
    </table>
    ${address.length > 0 ? html`<p style="line-height:1.5">${shop.words.text("mail.address")}<br />${address}</p>` : ""}`;
}

function supportAsHtml({ words, supportEmail }: MailShop) {
  if (supportEmail === "") return "";
  return html`<p style="margin:12px 0 0">
    ${words.text("mail.questions")} <a href="mailto:${supportEmail}">${supportEmail}</a>
  </p>`;
}

function asText(
  { heading, paragraphs }: Omit<MailText, "hasDetails">,
  { link, details }: Parts,
  { words, name, supportEmail }: MailShop,
): string {
  const support = supportEmail === "" ? [] : [`${words.text("mail.questions")} ${supportEmail}`];
  const way = `${link.text}: ${link.url}`;
  return [heading, "", ...paragraphs, "", ...(details?.text ?? []), way, ...support, "", name, ""].join("\n");
}

function detailsAsText(order: MailOrder, shop: MailShop): string[] {
  const row = (label: string, amount: string) => `${label.padEnd(44)} ${amount.padStart(14)}`.trimEnd();
  const items = order.items.map(({ name, quantity, subtotal }) =>
    row(`${quantity} x ${name}`, subtotal ? moneyText(shop, subtotal) : ""),
  );
  const sums = order.sums.map(({ name, amount }) =>
    row(sumLabel(name, order, shop), moneyText(shop, amount)),
  );
  const lines = addressOf(order, shop);
  const address = lines.length > 0 ? [shop.words.text("mail.address"), ...lines, ""] : [];
  return [...items, "", ...sums, "", ...address];
}

/** Methods of the house have words of their own; others are called what their provider calls them. */
function sumLabel(
  name: SumName,
  { shippingMethod: { code, name: methodName } }: MailOrder,
  { words }: MailShop,
) {
  if (name !== "shipping") return words.text(`sum.${name}`);
  return words.find(`method.${code}`) ?? (methodName || words.text("sum.shipping"));
}

/** Its last line is the country, by the name it has for the reader. */
function addressOf({ addressLines, country }: MailOrder, { words }: MailShop): string[] {
  return [...addressLines, words.country(country)].filter(Boolean);
}
