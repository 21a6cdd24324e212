// The frame around every page: head, header, footer.
import type { PageAnswer } from "#platform/web/answer.ts";
import type { Category } from "#gen/rest/types.ts";
import { currenciesShown } from "../currencies.ts";
import { attribute, html, type Html } from "#platform/web/html.ts";
import type { Visit } from "../visit.ts";

export async function documentView(visit: Visit, page: PageAnswer): Promise<Html> {
  const [categories = [], cart] = await Promise.all([
    visit.soon(visit.ctx.categories.get(visit.caller)),
    visit.soon(visit.cart()),
  ]);
  const count = cart?.items.reduce((total, item) => total + item.quantity, 0) ?? 0;
  const { files } = visit.ctx;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${page.title} · Stoa</title>
        ${page.description ? html`<meta name="description" content="${page.description}" />` : ""}
        <meta name="theme-color" content="#fffaf4" />
        <link rel="icon" href="${files.url("img/favicon.svg")}" type="image/svg+xml" />
        <link rel="stylesheet" href="${files.url("shop.css")}" />
        <script src="${files.url("shop.js")}" defer></script>
      </head>
      <body>
        <a class="skip" href="#main">Skip to content</a>
        ${headerView(visit, categories, count)}
        <main id="main">${page.body}</main>
        ${footerView(visit, categories)}
      </body>
    </html> `;
}

function headerView(visit: Visit, categories: readonly Category[], count: number): Html {
  const inCart = count === 0 ? "Cart" : count === 1 ? "Cart, 1 item" : `Cart, ${count} items`;
  return html`<header class="top">
    <div class="wrap top-row">
      <a class="logo" href="/"
        ><img src="${visit.ctx.files.url("img/logo.svg")}" alt="Stoa" width="115" height="30"
      /></a>
      <form class="search" action="/search" method="get" role="search">
        <label class="hidden" for="q">Search products</label>
        <input
          id="q"
          name="q"
          type="search"
          placeholder="Search the shop"
          maxlength="100"
          value="${visit.path === "/search" ? visit.query.get("q") : ""}"
        />
        <button type="submit" aria-label="Search">${magnifier}</button>
      </form>
      <nav class="own" aria-label="Your shop">
        <a href="/account" ${visit.path.startsWith("/account") ? html` aria-current="page"` : ""}
          >${visit.identity.isSignedIn ? "Account" : "Sign in"}</a
        >
        <a class="cart-link" href="/cart" aria-label="${inCart}"
          >${bag}<span>Cart</span>${
            count > 0 ? html`<b class="badge">${count > 99 ? "99+" : count}</b>` : ""
          }</a
        >
      </nav>
    </div>
    <nav class="categories" aria-label="Categories">
      <ul class="wrap">
        ${categories.map(
          ({ slug, name }) =>
            html`<li>
              <a
                href="/category/${slug}"
                ${visit.path === `/category/${slug}` ? html` aria-current="page"` : ""}
                >${name}</a
              >
            </li>`,
        )}
      </ul>
    </nav>
  </header>`;
}

function footerView(visit: Visit, categories: readonly Category[]): Html {
  return html`<footer class="bottom">
    <div class="wrap bottom-row">
      <div>
        <img
          src="${visit.ctx.files.url("img/logo-on-dark.svg")}"
          alt="Stoa"
          width="115"
          height="30"
          loading="lazy"
        />
        <p>Many small shops under one roof. Useful things, fairly priced, sent the day you order.</p>
      </div>
      <nav aria-label="All categories">
        <h2>Shop</h2>
        <ul>
          ${categories.map(({ slug, name }) => html`<li><a href="/category/${slug}">${name}</a></li>`)}
        </ul>
      </nav>
      <nav aria-label="Your orders">
        <h2>You</h2>
        <ul>
          <li><a href="/account/orders">Orders</a></li>
          <li><a href="/account">Account</a></li>
          <li><a href="/cart">Cart</a></li>
          ${visit.identity.isSignedIn ? html`<li><a href="/logout">Sign out</a></li>` : ""}
        </ul>
      </nav>
      <form class="currency" action="/setCurrency" method="post">
        <label for="currency">Currency</label>
        <div class="joined">
          <select id="currency" name="currency_code">
            ${[...new Set([...currenciesShown, visit.currency])].map(
              (code) =>
                html`<option value="${code}" ${attribute("selected", code === visit.currency)}>
                  ${code}
                </option>`,
            )}</select
          ><button class="quiet" type="submit">Change</button>
        </div>
      </form>
    </div>
  </footer>`;
}

const magnifier = html`<svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">
  <circle cx="10.5" cy="10.5" r="6.5" fill="none" stroke="currentColor" stroke-width="2" />
  <path d="m15.500 15.500 5 5" stroke="currentColor" stroke-width="2" stroke-linecap="round" />
</svg>`;
const bag = html`<svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
  <path
    d="M5 8h14l1 12.500H4z"
    fill="none"
    stroke="currentColor"
    stroke-width="1.800"
    stroke-linejoin="round"
  />
  <path
    d="M8.500 10.500V7a3.500 3.500 0 0 1 7 0v3.500"
    fill="none"
    stroke="currentColor"
    stroke-width="1.800"
    stroke-linecap="round"
  />
</svg>`;
