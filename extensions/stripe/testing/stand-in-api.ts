// The part of Stripe's API that the shop uses, on the stand-in's books.
import { systemClock } from "#platform/kit/clock.ts";
import { formOf, listOf, textOf, type Form, type FormValue } from "./form-body.ts";
import type { Intent, Metadata, Page, StandInBooks } from "./stand-in-books.ts";
import { missing, wrongParameter } from "./stand-in-error.ts";
import type { House } from "./stand-in.ts";

export interface ApiCall {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly form: Form;
  /** Asked with the publishable key: only what the buyer's browser may. */
  readonly isPublic: boolean;
}

type Handler = (house: House, call: ApiCall, id: string) => object;

/** Their search finds what is older than this. */
const searchLagMs = 60_000;

export function answerApi(house: House, call: ApiCall): object {
  for (const [method, pattern, handler] of routes) {
    const found = method === call.method ? pattern.exec(call.path) : null;
    if (found) return handler(house, call, found[1] ?? "");
  }
  throw missing(`URL (${call.method} ${call.path})`);
}

const routes: readonly (readonly [ApiCall["method"], RegExp, Handler])[] = [
  ["POST", /^\/v1\/payment_intents$/, createIntent],
  ["GET", /^\/v1\/payment_intents$/, listIntents],
  ["GET", /^\/v1\/payment_intents\/search$/, searchIntents],
  ["GET", /^\/v1\/payment_intents\/([^/]+)$/, retrieveIntent],
  ["POST", /^\/v1\/payment_intents\/([^/]+)\/confirm$/, confirmIntent],
  ["POST", /^\/v1\/payment_intents\/([^/]+)\/capture$/, captureIntent],
  ["POST", /^\/v1\/payment_intents\/([^/]+)\/cancel$/, cancelIntent],
  ["POST", /^\/v1\/refunds$/, createRefund],
  ["GET", /^\/v1\/refunds$/, ({ books }, call) => listOfIntent(books.refunds, call)],
  ["GET", /^\/v1\/disputes$/, ({ books }, call) => listOfIntent(books.disputes, call)],
  ["GET", /^\/v1\/events$/, listEvents],
  ["POST", /^\/v1\/checkout\/sessions$/, createPage],
  [
    "GET",
    /^\/v1\/checkout\/sessions$/,
    ({ books }, { form }) => paged([...books.pages.values()].map(shownPage), form),
  ],
  ["GET", /^\/v1\/checkout\/sessions\/([^/]+)$/, retrievePage],
  ["POST", /^\/v1\/checkout\/sessions\/([^/]+)\/expire$/, expirePage],
];

function createIntent({ books }: House, { form }: ApiCall): object {
  const known = [
    "amount",
    "currency",
    "metadata",
    "capture_method",
    "automatic_payment_methods",
    "description",
  ];
  requireKnown(form, known);
  const amount = wholeNumber(form["amount"], "amount");
  const currency = currencyOf(form["currency"]);
  requireMovable(amount, currency);
  const captureMethod = textOf(form["capture_method"]) ?? "automatic";
  return {
    ...books.createIntent({
      amount,
      currency,
      capture_method: captureMethod,
      metadata: metadataOf(form["metadata"]),
    }),
  };
}

function listIntents({ books }: House, { form }: ApiCall): object {
  const list = paged([...books.intents.values()], form);
  return {
    ...list,
    data: list.data.map((intent) => expanded(books, intent, listOf(form["expand"]), "data.")),
  };
}

function searchIntents({ books }: House, { form }: ApiCall): object {
  const [, name = "", value = ""] =
    /^metadata\["([^"]+)"\]:"([^"]+)"$/.exec(textOf(form["query"]) ?? "") ?? [];
  const until = systemClock.now().getTime() - searchLagMs;
  const found = [...books.intents.values()].filter(
    ({ metadata, created }) => metadata[name] === value && created * 1000 < until,
  );
  return {
    object: "search_result",
    data: found,
    has_more: false,
    next_page: null,
    url: "/v1/payment_intents/search",
  };
}

function retrieveIntent({ books }: House, { form, isPublic }: ApiCall, id: string): object {
  const intent = getIntent(books, id);
  if (isPublic && textOf(form["client_secret"]) !== intent.client_secret) throw missing("payment_intent");
  return expanded(books, intent, listOf(form["expand"]), "");
}

function confirmIntent({ books, origin }: House, { form, isPublic }: ApiCall, id: string): object {
  const intent = getIntent(books, id);
  if (isPublic && textOf(form["client_secret"]) !== intent.client_secret) throw missing("payment_intent");
  const card = formOf(formOf(form["payment_method_data"])["card"]);
  const number = textOf(card["number"]);
  if (number === undefined) throw wrongParameter("payment_method_data[card][number]", "parameter_missing");
  const returnUrl = textOf(form["return_url"]) ?? "";
  return {
    ...books.confirm(intent, number, `${origin}/challenge/${id}?return_url=${encodeURIComponent(returnUrl)}`),
  };
}

function captureIntent({ books }: House, { form }: ApiCall, id: string): object {
  requireKnown(form, ["amount_to_capture"]);
  const intent = getIntent(books, id);
  const amount = form["amount_to_capture"];
  const part = amount === undefined ? intent.amount_capturable : wholeNumber(amount, "amount_to_capture");
  return { ...books.capture(intent, part) };
}

function cancelIntent({ books }: House, { form }: ApiCall, id: string): object {
  requireKnown(form, ["cancellation_reason"]);
  return { ...books.cancel(getIntent(books, id)) };
}

function createRefund({ books }: House, { form }: ApiCall): object {
  requireKnown(form, ["payment_intent", "amount", "metadata", "reason"]);
  const intent = getIntent(books, textOf(form["payment_intent"]) ?? "");
  const amount = form["amount"] === undefined ? undefined : wholeNumber(form["amount"], "amount");
  return { ...books.refund(intent, amount, metadataOf(form["metadata"])) };
}

function listOfIntent(
  all: ReadonlyMap<string, Listed & { readonly payment_intent: string }>,
  { form }: ApiCall,
) {
  const intent = textOf(form["payment_intent"]);
  return paged(
    [...all.values()].filter((one) => intent === undefined || one.payment_intent === intent),
    form,
  );
}

function listEvents({ webhooks }: House, { form }: ApiCall): object {
  const types = listOf(form["types"]);
  return paged(
    webhooks.events.filter(({ type }) => types.length === 0 || types.includes(type)),
    form,
  );
}

const pageParameters = [
  "mode",
  "ui_mode",
  "client_reference_id",
  "line_items",
  "payment_intent_data",
  "metadata",
  "success_url",
  "cancel_url",
  "customer_email",
];

function createPage({ books, origin }: House, { form }: ApiCall): object {
  requireKnown(form, pageParameters);
  const [item] = listOf(form["line_items"]).map(formOf);
  const price = formOf(item?.["price_data"]);
  const amount = wholeNumber(price["unit_amount"], "line_items[0][price_data][unit_amount]");
  const currency = currencyOf(price["currency"]);
  requireMovable(amount, currency);
  const successUrl = textOf(form["success_url"]);
  if (successUrl === undefined) throw wrongParameter("success_url", "parameter_missing");
  const wish = {
    amount_total: amount,
    currency,
    client_reference_id: textOf(form["client_reference_id"]) ?? null,
    metadata: metadataOf(form["metadata"]),
    intentMetadata: metadataOf(formOf(form["payment_intent_data"])["metadata"]),
    success_url: successUrl,
    cancel_url: textOf(form["cancel_url"]) ?? successUrl,
  };
  return shownPage(books.createPage(wish, origin));
}

function retrievePage({ books }: House, { form }: ApiCall, id: string): object {
  const page = getPage(books, id);
  const expand = listOf(form["expand"]);
  const intent = books.intents.get(page.payment_intent ?? "");
  if (!intent || !expand.includes("payment_intent")) return shownPage(page);
  return { ...shownPage(page), payment_intent: expanded(books, intent, expand, "payment_intent.") };
}

function expirePage({ books }: House, _call: ApiCall, id: string): object {
  return shownPage(books.expirePage(getPage(books, id)));
}

/** An address to pay at has only a page that is open. */
function shownPage(page: Page) {
  return { ...page, url: page.status === "open" ? page.url : null };
}

function getPage(books: StandInBooks, id: string): Page {
  const page = books.pages.get(id);
  if (!page) throw missing("checkout.session");
  return page;
}

function getIntent(books: StandInBooks, id: string): Intent {
  const intent = books.intents.get(id);
  if (!intent) throw missing("payment_intent");
  return intent;
}

function expanded(books: StandInBooks, intent: Intent, expand: readonly FormValue[], prefix: string): object {
  const charge = books.charges.get(intent.latest_charge ?? "");
  return charge && expand.includes(`${prefix}latest_charge`)
    ? { ...intent, latest_charge: { ...charge } }
    : { ...intent };
}

interface Listed {
  readonly id: string;
  readonly created: number;
}

/** Newest first. */
function paged<T extends Listed>(
  all: readonly T[],
  form: Form,
): { object: "list"; data: T[]; has_more: boolean } {
  const limit = form["limit"] === undefined ? 10 : wholeNumber(form["limit"], "limit");
  if (limit < 1 || limit > 100) throw wrongParameter("limit");
  const { gte = "0", lte = "99999999999" } = formOf(form["created"]);
  const within = all.filter(({ created }) => created >= Number(gte) && created <= Number(lte)).reverse();
  const after = textOf(form["starting_after"]);
  const start = after === undefined ? 0 : within.findIndex(({ id }) => id === after) + 1;
  return {
    object: "list",
    data: within.slice(start, start + limit),
    has_more: within.length > start + limit,
  };
}

function requireKnown(form: Form, known: readonly string[]): void {
  const odd = Object.keys(form).find((name) => name !== "expand" && !known.includes(name));
  if (odd !== undefined) throw wrongParameter(odd, "parameter_unknown");
}

function wholeNumber(value: FormValue | undefined, param: string): number {
  if (typeof value !== "string" || !/^\d{1,12}$/.test(value))
    throw wrongParameter(param, "parameter_invalid_integer");
  return Number(value);
}

function currencyOf(value: FormValue | undefined): string {
  if (typeof value !== "string" || !/^[a-z]{3}$/.test(value)) throw wrongParameter("currency");
  return value;
}

/** At least half a dollar's worth, at most eight digits, and two decimals of those currencies that have three. */
function requireMovable(amount: number, currency: string): void {
  const isRound = !["bhd", "jod", "kwd", "omr", "tnd"].includes(currency) || amount % 10 === 0;
  if (amount < 50 || amount > 99_999_999 || !isRound) throw wrongParameter("amount", "amount_too_small");
}

function metadataOf(value: FormValue | undefined): Metadata {
  return Object.fromEntries(Object.entries(formOf(value)).map(([name, text]) => [name, textOf(text) ?? ""]));
}
