import type { Cart } from "#gen/rest/types.ts";
import { countriesIn, findCountryCode } from "../countries.ts";
import { attribute, html, type Html } from "#platform/web/html.ts";
import type { Look, ShopWords } from "../look.ts";
import type { CartViewParts } from "./cart.ts";
import { choiceView, fieldView } from "#platform/web/form.ts";

const months = Array.from({ length: 12 }, (_, index) => ({
  value: String(index + 1),
  text: String(index + 1).padStart(2, "0"),
}));

/** Card fields always come back empty: what was typed there is not kept anywhere. */
export function checkoutFormView({ words }: Look, parts: CartViewParts & { readonly cart: Cart }): Html {
  const { cart, quote, typed, messages = {} } = parts;
  return html`<form class="checkout panel" action="/cart/checkout" method="post" data-once>
    <input type="hidden" name="cart_version" value="${cart.version}" />
    ${quote ? html`<input type="hidden" name="quote_id" value="${quote.quoteId}" />` : ""}
    <fieldset>
      <legend>${words.text("checkout.where")}</legend>
      <div class="fields">
        ${fieldView({ name: "email", label: words.text("field.email"), type: "email", inputmode: "email", autocomplete: "email", value: typed?.email ?? "", message: messages.email })}
        ${fieldView({ name: "full_name", label: words.text("field.name"), note: words.text("field.optional"), autocomplete: "name", maxlength: 200, isRequired: false, value: typed?.full_name ?? "", message: messages.full_name })}
        ${fieldView({ name: "street_address", label: words.text("field.street"), autocomplete: "street-address", maxlength: 400, value: typed?.street_address ?? "", message: messages.street_address })}
        ${fieldView({ name: "zip_code", label: words.text("field.postalCode"), autocomplete: "postal-code", maxlength: 20, isRequired: false, size: "third", value: typed?.zip_code ?? "", message: messages.zip_code })}
        ${fieldView({ name: "city", label: words.text("field.city"), autocomplete: "address-level2", maxlength: 100, size: "rest", value: typed?.city ?? "", message: messages.city })}
        ${fieldView({ name: "state", label: words.text("field.state"), note: words.text("field.ifAny"), autocomplete: "address-level1", maxlength: 100, isRequired: false, size: "half", value: typed?.state ?? "", message: messages.state })}
        ${choiceView({ name: "country", label: words.text("field.country"), size: "half", autocomplete: "country", options: countriesIn(words.locale), value: findCountryCode(typed?.country ?? "") ?? parts.country, message: messages.country })}
      </div>
    </fieldset>
    ${payingView(words, parts)}
    <button class="wide" type="submit" ${attribute("disabled", parts.method === undefined)}>
      ${quote ? words.text("checkout.submitFor", { total: words.money(quote.total) }) : words.text("checkout.submit")}
    </button>
    <p class="small muted">${words.text("checkout.note")}</p>
  </form>`;
}

function payingView(words: ShopWords, parts: CartViewParts): Html {
  if (!parts.method) return html`<p class="alert" role="alert">${words.text("checkout.noMethod")}</p>`;
  if (parts.method.takes === "card") return cardView(words, parts);
  const isEmbedded = parts.hasElement && parts.method.presentations.includes("embedded");
  return html`<input
      type="hidden"
      name="payment_presentation"
      value="redirect"
      data-when-scripts="${isEmbedded ? "embedded" : "redirect"}"
    />
    <p>${words.text("checkout.payNext")}</p>`;
}

function cardView(words: ShopWords, { typed, messages = {}, year }: CartViewParts): Html {
  const years = [0, 1, 2, 3, 4].map((more) => ({ value: String(year + more), text: String(year + more) }));
  return html`<fieldset>
    <legend>${words.text("checkout.card")}</legend>
    <div class="fields">
      ${fieldView({ name: "credit_card_number", label: words.text("field.cardNumber"), autocomplete: "cc-number", inputmode: "numeric", maxlength: 23, message: messages.credit_card_number })}
      ${choiceView({ name: "credit_card_expiration_month", label: words.text("field.cardMonth"), autocomplete: "cc-exp-month", size: "third", options: months, value: typed?.credit_card_expiration_month ?? "1", message: messages.credit_card_expiration_month })}
      ${choiceView({ name: "credit_card_expiration_year", label: words.text("field.cardYear"), autocomplete: "cc-exp-year", size: "third", options: years, value: typed?.credit_card_expiration_year ?? String(year + 1), message: messages.credit_card_expiration_year })}
      ${fieldView({ name: "credit_card_cvv", label: words.text("field.cvc"), autocomplete: "cc-csc", inputmode: "numeric", maxlength: 4, size: "third", message: messages.credit_card_cvv })}
    </div>
  </fieldset>`;
}
