import { attribute, html, type Html } from "#platform/web/html.ts";
import type { Look } from "../look.ts";
import type { FooterParts } from "./house-views.ts";
import { categoryPath } from "../paths.ts";

export function footerView(look: Look, { categories, isSignedIn, currencies, currency }: FooterParts): Html {
  const { words, logo, shopName, supportEmail } = look;
  return html`<footer class="bottom">
    <div class="wrap bottom-row">
      <div>
        ${
          logo
            ? html`<img src="${logo.onDark}" alt="${shopName}" width="115" height="30" loading="lazy" />`
            : html`<p class="logo-name">${shopName}</p>`
        }
        <p>${words.text("footer.claim")}</p>
      </div>
      <nav aria-label="${words.text("footer.allCategories")}">
        <h2>${words.text("footer.shop")}</h2>
        <ul>
          ${categories.map(({ slug, name }) => html`<li><a href="${categoryPath(slug)}">${name}</a></li>`)}
        </ul>
      </nav>
      <nav aria-label="${words.text("footer.yourOrders")}">
        <h2>${words.text("footer.you")}</h2>
        <ul>
          <li><a href="/account/orders">${words.text("footer.orders")}</a></li>
          <li><a href="/orders/lookup">${words.text("footer.lookup")}</a></li>
          <li><a href="/account">${words.text("footer.account")}</a></li>
          <li><a href="/cart">${words.text("footer.cart")}</a></li>
          ${supportEmail === "" ? "" : html`<li><a href="mailto:${supportEmail}">${words.text("footer.help")}</a></li>`}
          ${isSignedIn ? html`<li><a href="/logout">${words.text("account.signOut")}</a></li>` : ""}
        </ul>
      </nav>
      <form class="currency" action="/setCurrency" method="post">
        <label for="currency">${words.text("footer.currency")}</label>
        <div class="joined">
          <select id="currency" name="currency_code">
            ${currencies.map(
              (code) =>
                html`<option value="${code}" ${attribute("selected", code === currency)}>${code}</option>`,
            )}</select
          ><button class="quiet" type="submit">${words.text("footer.change")}</button>
        </div>
      </form>
    </div>
  </footer>`;
}
