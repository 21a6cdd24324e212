// The frame around every page: head, header, footer.
import type { PageAnswer } from "#platform/web/answer.ts";
import { html, type Html } from "#platform/web/html.ts";
import { currenciesShown } from "../currencies.ts";
import type { Visit } from "../visit.ts";

export async function documentView(visit: Visit, page: PageAnswer): Promise<Html> {
  const { ctx, caller } = visit;
  visit.beginFrame();
  const [categories = [], count = 0, known = []] = await Promise.all([
    visit.soon(ctx.categories.get(caller), "categories"),
    visit.soon(visit.cartCount(), "cart"),
    visit.soon(ctx.currencies.get(caller), "currencies"),
  ]);
  const { look, path, currency } = visit;
  const { words, views, url, shopName, themeColor } = look;
  const { isSignedIn } = visit.identity;
  const searched = path === "/search" ? (visit.query.get("q") ?? "") : "";
  const currencies = currenciesShown(known, ctx.shop.currency, currency);
  return html`<!doctype html>
    <html lang="${words.locale}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${page.title} · ${shopName}</title>
        ${page.description ? html`<meta name="description" content="${page.description}" />` : ""}
        ${page.canonical === undefined ? "" : html`<link rel="canonical" href="${ctx.shop.url}${page.canonical}" />`}
        <meta name="theme-color" content="${themeColor}" />
        <link rel="icon" href="${url("img/favicon.svg")}" type="image/svg+xml" />
        <link rel="stylesheet" href="${url("shop.css")}" />
        <script src="${url("shop.js")}" defer></script>
      </head>
      <body>
        <a class="skip" href="#main">${words.text("header.skip")}</a>
        ${views.header(look, { path, searched, categories, count, isSignedIn })} ${lackingView(visit.lacking)}
        <main id="main">${page.body}</main>
        ${views.footer(look, { categories, isSignedIn, currencies, currency })}
      </body>
    </html> `;
}

function lackingView(sentences: readonly string[]): Html | undefined {
  if (sentences.length === 0) return undefined;
  return html`<aside class="lacking" role="status">
    <div class="wrap">${sentences.map((sentence) => html`<p>${sentence}</p>`)}</div>
  </aside>`;
}
