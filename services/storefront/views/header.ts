import { html, type Html } from "#platform/web/html.ts";
import type { Look } from "../look.ts";
import type { HeaderParts } from "./house-views.ts";
import { categoryPath } from "../paths.ts";

export function headerView(look: Look, { path, searched, categories, count, isSignedIn }: HeaderParts): Html {
  const { words } = look;
  return html`<header class="top">
    <div class="wrap top-row">
      <a class="logo" href="/">${logoView(look)}</a>
      <form class="search" action="/search" method="get" role="search">
        <label class="hidden" for="q">${words.text("header.searchLabel")}</label>
        <input
          id="q"
          name="q"
          type="search"
          placeholder="${words.text("header.searchPlaceholder")}"
          maxlength="100"
          value="${searched}"
        />
        <button type="submit" aria-label="${words.text("header.search")}">${magnifier}</button>
      </form>
      <nav class="own" aria-label="${words.text("header.your")}">
        <a href="/account" ${path.startsWith("/account") ? html` aria-current="page"` : ""}
          >${words.text(isSignedIn ? "header.account" : "header.signIn")}</a
        >
        <a class="cart-link" href="/cart"
          >${bag}<span>${words.text("header.cart")}</span>${
            count > 0
              ? html`<b class="badge">${count > 99 ? "99+" : count}</b
                  ><span class="hidden">${words.text("header.cartItems", { count })}</span>`
              : ""
          }</a
        >
      </nav>
    </div>
    <nav class="categories" aria-label="${words.text("header.categories")}">
      <ul class="wrap">
        ${categories.map(
          ({ slug, name }) =>
            html`<li>
              <a href="${categoryPath(slug)}" ${path === categoryPath(slug) ? html` aria-current="page"` : ""}
                >${name}</a
              >
            </li>`,
        )}
      </ul>
    </nav>
  </header>`;
}

/** The logo, or the name of a shop that has none. */
function logoView({ logo, shopName }: Look): Html {
  if (!logo) return html`<span class="logo-name">${shopName}</span>`;
  return html`<img src="${logo.onLight}" alt="${shopName}" width="115" height="30" />`;
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
