import type { Cart } from "#gen/rest/types.ts";
import { countries, findCountryCode } from "../countries.ts";
import { html, type Html } from "#platform/web/html.ts";
import { priceText } from "../price.ts";
import type { Visit } from "../visit.ts";
import type { CartViewParts } from "./cart.ts";
import { choiceView, fieldView } from "#platform/web/form.ts";

const months = Array.from({ length: 12 }, (_, index) => ({
  value: String(index + 1),
  text: String(index + 1).padStart(2, "0"),
}));
const countryOptions = countries.map(({ code, name }) => ({ value: code, text: name }));

/** Card fields always come back empty: what was typed there is not kept anywhere. */
export function checkoutFormView(visit: Visit, parts: CartViewParts & { readonly cart: Cart }): Html {
  const { cart, quote, typed, messages = {} } = parts;
  const year = visit.ctx.clock.now().getFullYear();
  const years = [0, 1, 2, 3, 4].map((more) => ({ value: String(year + more), text: String(year + more) }));
  return html`<form class="checkout panel" action="/cart/checkout" method="post" data-once>
    <input type="hidden" name="cart_version" value="${cart.version}" />
    ${quote ? html`<input type="hidden" name="quote_id" value="${quote.quoteId}" />` : ""}
    <fieldset>
      <legend>Where to</legend>
      <div class="fields">
        ${fieldView({ name: "email", label: "Email", type: "email", inputmode: "email", autocomplete: "email", value: typed?.email ?? "", message: messages.email })}
        ${fieldView({ name: "full_name", label: "Name", note: "optional", autocomplete: "name", maxlength: 200, isRequired: false, value: typed?.full_name ?? "", message: messages.full_name })}
        ${fieldView({ name: "street_address", label: "Street and number", autocomplete: "street-address", maxlength: 400, value: typed?.street_address ?? "", message: messages.street_address })}
        ${fieldView({ name: "zip_code", label: "Postal code", autocomplete: "postal-code", maxlength: 20, isRequired: false, size: "third", value: typed?.zip_code ?? "", message: messages.zip_code })}
        ${fieldView({ name: "city", label: "City", autocomplete: "address-level2", maxlength: 100, size: "rest", value: typed?.city ?? "", message: messages.city })}
        ${fieldView({ name: "state", label: "State", note: "if any", autocomplete: "address-level1", maxlength: 100, isRequired: false, size: "half", value: typed?.state ?? "", message: messages.state })}
        ${choiceView({ name: "country", label: "Country", size: "half", autocomplete: "country", options: countryOptions, value: findCountryCode(typed?.country ?? "") ?? parts.country, message: messages.country })}
      </div>
    </fieldset>
    <fieldset>
      <legend>Card</legend>
      <div class="fields">
        ${fieldView({ name: "credit_card_number", label: "Card number", autocomplete: "cc-number", inputmode: "numeric", maxlength: 23, message: messages.credit_card_number })}
        ${choiceView({ name: "credit_card_expiration_month", label: "Month", autocomplete: "cc-exp-month", size: "third", options: months, value: typed?.credit_card_expiration_month ?? "1", message: messages.credit_card_expiration_month })}
        ${choiceView({ name: "credit_card_expiration_year", label: "Year", autocomplete: "cc-exp-year", size: "third", options: years, value: typed?.credit_card_expiration_year ?? String(year + 1), message: messages.credit_card_expiration_year })}
        ${fieldView({ name: "credit_card_cvv", label: "CVC", autocomplete: "cc-csc", inputmode: "numeric", maxlength: 4, size: "third", message: messages.credit_card_cvv })}
      </div>
    </fieldset>
    <button class="wide" type="submit">Place order${quote ? ` · ${priceText(quote.total)}` : ""}</button>
    <p class="small muted">
      Pressing twice or reloading never orders twice. If the total for your address differs, we ask before we
      charge.
    </p>
  </form>`;
}
