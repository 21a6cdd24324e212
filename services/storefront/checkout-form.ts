// The checkout form: its fields have the names of the foreign contract, its order the shape of the REST API.
import type { FieldProblem } from "#gen/rest/rest-client.ts";
import type { Address, PaymentMeans, PaymentMethod } from "#gen/rest/types.ts";
import { findCountryCode } from "./countries.ts";
import type { ShopWords } from "./look.ts";
import { fieldText } from "./refusal.ts";

/** What was typed and may be shown again. Card numbers and security codes may not. */
export interface TypedCheckout {
  readonly email: string;
  readonly full_name: string;
  readonly street_address: string;
  readonly zip_code: string;
  readonly city: string;
  readonly state: string;
  readonly country: string;
  readonly credit_card_expiration_month: string;
  readonly credit_card_expiration_year: string;
}

export type CheckoutField = keyof TypedCheckout | "credit_card_number" | "credit_card_cvv";
export type FieldMessages = { readonly [field in CheckoutField]?: string };

export interface OrderRequest {
  readonly email: string;
  readonly currencyCode: string;
  readonly shippingAddress: Address;
  readonly payment: PaymentMeans;
  readonly cartVersion?: number;
  readonly quoteId?: string;
  readonly shippingMethodCode?: string;
}

export interface ParsedCheckout {
  readonly typed: TypedCheckout;
  readonly messages: FieldMessages;
  /** Absent while a field is wrong. */
  readonly order: OrderRequest | undefined;
}

const lengthsMax: { readonly [field in CheckoutField]: number } = {
  email: 254,
  full_name: 200,
  street_address: 400,
  zip_code: 20,
  city: 100,
  state: 100,
  country: 128,
  credit_card_number: 64,
  credit_card_expiration_month: 2,
  credit_card_expiration_year: 4,
  credit_card_cvv: 4,
};

/** Of free text: the foreign contract's own bounds. */
const freeLengthsMax = { ...lengthsMax, street_address: 512, city: 128, state: 128 };

/** Countries whose addresses are wrong without a state. */
const needState = new Set(["US", "CA", "AU", "BR", "IN", "MX"]);

export function needsState(country: string): boolean {
  return needState.has(country);
}

/** Sent from our cart page, by whoever has seen what is in the cart; clients of the foreign contract send its fields alone. */
export function isOurForm(form: URLSearchParams): boolean {
  return form.has("cart_version");
}

/** How the buyer pays: with a card typed here, or at the provider in one of these presentations. */
export type Payable = Pick<PaymentMethod, "takes" | "presentations">;

export function parseCheckout(
  form: URLSearchParams,
  currencyCode: string,
  words: ShopWords,
  method: Payable,
): ParsedCheckout {
  const text = (field: CheckoutField) => (form.get(field) ?? "").trim();
  const typed: TypedCheckout = {
    email: text("email"),
    full_name: text("full_name"),
    street_address: text("street_address"),
    zip_code: text("zip_code"),
    city: text("city"),
    state: text("state"),
    country: text("country"),
    credit_card_expiration_month: text("credit_card_expiration_month"),
    credit_card_expiration_year: text("credit_card_expiration_year"),
  };
  const card = { number: text("credit_card_number").replace(/[ -]/g, ""), cvv: text("credit_card_cvv") };
  const countryCode = findCountryCode(typed.country);
  const fields = fieldsOf(method);
  const checkedCountry = isCountryName(typed.country) ? undefined : countryCode;
  const messages = {
    ...missing(words, form, { fields, text }),
    ...wrong(words, typed, card, checkedCountry),
  };
  if (Object.keys(messages).length > 0) return { typed, messages, order: undefined };
  const cartVersion = wholeNumber(form.get("cart_version") ?? "");
  const quoteId = form.get("quote_id") ?? "";
  const shippingMethodCode = shippingMethodOf(form);
  const order: OrderRequest = {
    email: typed.email,
    currencyCode,
    shippingAddress: addressOf(typed, countryCode ?? unknownCountry),
    payment: method.takes === "session" ? sessionOf(form, method) : cardOf(typed, card),
    ...(cartVersion === undefined ? {} : { cartVersion }),
    ...(/^[\w-]{1,100}$/.test(quoteId) ? { quoteId } : {}),
    ...(shippingMethodCode === undefined ? {} : { shippingMethodCode }),
  };
  return { typed, messages, order };
}

/** Which way to send was chosen, if the form asked; the API knows whether there is such a way. */
export function shippingMethodOf(form: URLSearchParams): string | undefined {
  const code = (form.get("shippingMethodCode") ?? "").trim();
  return code === "" ? undefined : code.slice(0, 100);
}

function cardOf(typed: TypedCheckout, { number, cvv }: { number: string; cvv: string }): PaymentMeans {
  const expiryMonth = Number(typed.credit_card_expiration_month);
  const expiryYear = Number(typed.credit_card_expiration_year);
  return { type: "card", card: { number, expiryMonth, expiryYear, cvc: cvv.padStart(3, "0") } };
}

/** The provider's own page, which asks nothing of the browser, unless the form says that scripts run. */
function sessionOf(form: URLSearchParams, { presentations }: Payable): PaymentMeans {
  const wanted = form.get("payment_presentation");
  return { type: "session", presentation: presentations.find((one) => one === wanted) ?? "redirect" };
}

/** A card is asked for only where it is handed on. */
function fieldsOf({ takes }: Payable): CheckoutField[] {
  const fields = Object.keys(lengthsMax) as CheckoutField[];
  return takes === "card" ? fields : fields.filter((field) => !field.startsWith("credit_card_"));
}

/** In the REST API: a country of which only a name is known, and one that we do not recognise. */
export const unknownCountry = "ZZ";

/** Clients of the foreign contract write the country's name, and everything else as they please: the address is free text. */
export function isCountryName(text: string): boolean {
  return text !== "" && !/^[a-z]{2}$/i.test(text);
}

/** The address of the REST API; undefined parts are left out. Five-digit codes that lost their zeros get them back. */
export function addressOf(typed: TypedCheckout, country: string): Address {
  const { full_name: fullName, street_address: street, state: region, city } = typed;
  const isShortZip = country === "US" && /^\d{3,4}$/.test(typed.zip_code);
  return {
    ...(fullName ? { fullName } : {}),
    line1: street.slice(0, 200),
    ...(street.length > 200 ? { line2: street.slice(200) } : {}),
    city,
    ...(region ? { region } : {}),
    postalCode: isShortZip ? typed.zip_code.padStart(5, "0") : typed.zip_code,
    country,
    ...(isCountryName(typed.country) ? { countryName: typed.country } : {}),
  };
}

type Messages = { [field in CheckoutField]?: string };

function missing(
  words: ShopWords,
  form: URLSearchParams,
  { fields, text }: { fields: readonly CheckoutField[]; text: (field: CheckoutField) => string },
): Messages {
  const messages: Messages = {};
  const lengths = isCountryName(text("country")) ? freeLengthsMax : lengthsMax;
  for (const field of fields) {
    // Many countries know no states and some no postal codes: there an empty field is an answer, an absent one is not.
    const mayBeEmpty =
      field === "full_name" ||
      (field === "state" && isOurForm(form)) ||
      ((field === "state" || field === "zip_code") && form.has(field));
    if (text(field) === "" && !mayBeEmpty) messages[field] = words.text("wrong.missing");
    else if (text(field).length > lengths[field])
      messages[field] = words.text("wrong.long", { max: lengths[field] });
  }
  return messages;
}

function wrong(
  words: ShopWords,
  typed: TypedCheckout,
  card: { number: string; cvv: string },
  country: string | undefined,
): Messages {
  const messages: Messages = {};
  const month = wholeNumber(typed.credit_card_expiration_month);
  if (typed.email && !isEmail(typed.email)) messages.email = words.text("wrong.email");
  if (typed.country && country === undefined && !isCountryName(typed.country))
    messages.country = words.text("wrong.country");
  if (country !== undefined && needsState(country) && typed.state === "")
    messages.state = words.text("wrong.state", { country: words.country(country) });
  // The number of the foreign contract that stands for none; what a code must be, the API knows.
  if (typed.zip_code === "0" && isCountryName(typed.country)) messages.zip_code = words.text("wrong.zip");
  if (card.number && !/^\d{8,19}$/.test(card.number))
    messages.credit_card_number = words.text("wrong.cardNumber");
  if (typed.credit_card_expiration_month && !(month !== undefined && month >= 1 && month <= 12))
    messages.credit_card_expiration_month = words.text("wrong.month");
  if (typed.credit_card_expiration_year && !/^\d{4}$/.test(typed.credit_card_expiration_year))
    messages.credit_card_expiration_year = words.text("wrong.year");
  if (card.cvv && (!/^\d{1,4}$/.test(card.cvv) || /^0+$/.test(card.cvv)))
    messages.credit_card_cvv = words.text("wrong.cvc");
  return messages;
}

function wholeNumber(text: string): number | undefined {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(number) ? number : undefined;
}

/** One @ with something on both sides and a dot after it; the API looks closer. */
function isEmail(text: string): boolean {
  const [local = "", domain = "", ...more] = text.split("@");
  return more.length === 0 && local !== "" && /^[^.\s]+(\.[^.\s]+)+$/.test(domain) && !/[\s"<>]/.test(local);
}

const fieldsByPath: readonly [path: RegExp, field: CheckoutField][] = [
  [/postalCode$/, "zip_code"],
  [/line[12]$/, "street_address"],
  [/city$/, "city"],
  [/region$/, "state"],
  [/country$/, "country"],
  [/fullName$/, "full_name"],
  [/email$/, "email"],
  [/expiryMonth$/, "credit_card_expiration_month"],
  [/expiryYear$/, "credit_card_expiration_year"],
  [/number$/, "credit_card_number"],
  [/cvc$/, "credit_card_cvv"],
];

/** What the API found wrong, beside the fields it is about. */
export function messagesOf(words: ShopWords, errors: readonly FieldProblem[]): FieldMessages {
  const messages: Messages = {};
  for (const { path, message } of errors) {
    const field = fieldsByPath.find(([pattern]) => pattern.test(path))?.[1];
    if (field) messages[field] = fieldText(words, message);
  }
  return messages;
}
