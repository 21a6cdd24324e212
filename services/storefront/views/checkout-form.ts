import type { Cart, Quote } from "#gen/rest/types.ts";
import { choiceView, fieldView, type Choice, type Field, type WrongField } from "#platform/web/form.ts";
import { attribute, html, type Html } from "#platform/web/html.ts";
import { needsState, type CheckoutField, type FieldMessages } from "../checkout-form.ts";
import { countriesIn } from "../countries.ts";
import type { Look, ShopWords } from "../look.ts";
import { isZero } from "../price.ts";
import type { CartViewParts } from "./cart.ts";
import { methodName } from "./shipping-methods.ts";

const months = Array.from({ length: 12 }, (_, index) => ({
  value: String(index + 1),
  text: String(index + 1).padStart(2, "0"),
}));

/** Cards end at most so many years from now. */
const cardYears = 20;

/** The fields of the form, in the order in which they stand on the page, with their labels. */
const labels = {
  email: "field.email",
  full_name: "field.name",
  street_address: "field.street",
  zip_code: "field.postalCode",
  city: "field.city",
  state: "field.state",
  country: "field.country",
  credit_card_number: "field.cardNumber",
  credit_card_expiration_month: "field.cardMonth",
  credit_card_expiration_year: "field.cardYear",
  credit_card_cvv: "field.cvc",
} as const satisfies { readonly [field in CheckoutField]: string };

const order = Object.keys(labels) as CheckoutField[];

/** What is wrong, from the top of the form to its end. */
export function wrongFields(words: ShopWords, messages: FieldMessages = {}): WrongField[] {
  return order.flatMap((name) => {
    const message = messages[name];
    return message === undefined ? [] : [{ name, label: words.text(labels[name]), message }];
  });
}

type Checkout = CartViewParts & { readonly cart: Cart };

/** Card fields always come back empty from a server: what was typed there is kept by the open page alone. */
export function checkoutFormView({ words }: Look, parts: Checkout): Html {
  const { cart, quote } = parts;
  const canOrder = parts.method !== undefined && parts.shortages.size === 0;
  return html`<form
    class="checkout panel"
    id="checkout"
    action="/cart/checkout"
    method="post"
    data-once
    data-unreachable="${words.text("checkout.unknown")}"
  >
    <input type="hidden" name="cart_version" value="${cart.version}" />
    ${quote ? html`<input type="hidden" name="quote_id" value="${quote.quoteId}" />` : ""}
    ${addressView(words, parts)} ${shippingView(words, quote)} ${payingView(words, parts)}
    ${parts.shortages.size > 0 ? html`<p class="message">${words.text("checkout.linesFirst")}</p>` : ""}
    <button
      class="wide"
      type="submit"
      data-busy="${words.text("checkout.busy")}"
      ${attribute("disabled", !canOrder)}
    >
      ${quote ? words.text("checkout.submitFor", { total: words.money(quote.total) }) : words.text("checkout.submit")}
    </button>
    <p class="small muted">${words.text("checkout.note")}</p>
    <noscript
      ><p>
        <button class="quiet" type="submit" name="update" value="1" formnovalidate>
          ${words.text("checkout.update")}
        </button>
      </p></noscript
    >
  </form>`;
}

/** What a field shows of what was typed, and what was wrong with it. */
function typedIn(words: ShopWords, { typed, messages = {} }: CartViewParts) {
  const first = order.find((name) => messages[name] !== undefined);
  return (name: CheckoutField) => ({
    name,
    label: words.text(labels[name]),
    message: messages[name],
    isFirst: name === first,
    value: typed && name in typed ? typed[name as keyof typeof typed] : "",
  });
}

function addressView(words: ShopWords, parts: Checkout): Html {
  const { country } = parts;
  const shown = typedIn(words, parts);
  const text = (name: CheckoutField, field: Omit<Field, "name" | "label">) =>
    fieldView({ ...shown(name), ...field });
  const hasState = needsState(country);
  const countryChoice: Choice = {
    ...shown("country"),
    size: hasState ? "half" : "full",
    autocomplete: "country",
    options: countriesIn(words.locale),
    value: country,
  };
  return html`<fieldset>
    <legend>${words.text("checkout.where")}</legend>
    <div class="fields">
      ${text("email", { type: "email", inputmode: "email", autocomplete: "email" })}
      ${text("full_name", { note: words.text("field.optional"), autocomplete: "name", maxlength: 200, isRequired: false })}
      ${text("street_address", { autocomplete: "street-address", maxlength: 400 })}
      ${text("zip_code", { autocomplete: "postal-code", maxlength: 20, isRequired: false, size: "third" })}
      ${text("city", { autocomplete: "address-level2", maxlength: 100, size: "rest" })}
      ${hasState ? text("state", { note: words.text("field.required"), autocomplete: "address-level1", maxlength: 100, size: "half" }) : ""}
      ${choiceView(countryChoice)}
    </div>
  </fieldset>`;
}

/** Which way to send, with what it costs and how long it takes; a single way is told all the same. */
function shippingView(words: ShopWords, quote: Quote | undefined): Html | undefined {
  if (!quote || quote.shippingMethods.length === 0) return undefined;
  return html`<fieldset class="ways">
    <legend>${words.text("totals.shipping")}</legend>
    ${quote.shippingMethods.map(
      ({ code, name, cost, estimatedDays: days }) =>
        html`<label class="way"
          ><input
            type="radio"
            id="way-${code}"
            name="shippingMethodCode"
            value="${code}"
            ${attribute("checked", code === quote.shippingMethodCode)}
          /><span
            >${methodName(words, code, name)}
            <small class="muted">${words.text("delivery.days", { days })}</small></span
          ><strong>${isZero(cost) ? words.text("totals.free") : words.money(cost)}</strong></label
        >`,
    )}
  </fieldset>`;
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

function cardView(words: ShopWords, parts: CartViewParts): Html {
  const { typed, year } = parts;
  const shown = typedIn(words, parts);
  const years = Array.from({ length: cardYears + 1 }, (_, more) => ({
    value: String(year + more),
    text: String(year + more),
  }));
  return html`<fieldset>
    <legend>${words.text("checkout.card")}</legend>
    <div class="fields">
      ${fieldView({ ...shown("credit_card_number"), autocomplete: "cc-number", inputmode: "numeric", maxlength: 23 })}
      ${choiceView({ ...shown("credit_card_expiration_month"), autocomplete: "cc-exp-month", size: "third", options: months, value: typed?.credit_card_expiration_month || "1" })}
      ${choiceView({ ...shown("credit_card_expiration_year"), autocomplete: "cc-exp-year", size: "third", options: years, value: typed?.credit_card_expiration_year || String(year + 1) })}
      ${fieldView({ ...shown("credit_card_cvv"), autocomplete: "cc-csc", inputmode: "numeric", maxlength: 4, size: "third" })}
    </div>
  </fieldset>`;
}
