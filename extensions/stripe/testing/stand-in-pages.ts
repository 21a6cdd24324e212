// What a buyer sees at the stand-in: its hosted page, and the page of a bank that asks whether it is really them.
import type { ServerResponse } from "node:http";
import { textOf, type Form } from "./form-body.ts";
import { StandInError } from "./stand-in-error.ts";
import type { House } from "./stand-in.ts";

interface PageCall {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly form: Form;
}

export function answerPage(house: House, call: PageCall, response: ServerResponse): void {
  const [, kind, id = ""] = /^\/(pay|challenge)\/([^/]+)$/.exec(call.path) ?? [];
  try {
    if (kind === "pay") return answerPay(house, call, id, response);
    if (kind === "challenge") return answerChallenge(house, call, id, response);
  } catch (error) {
    if (!(error instanceof StandInError)) throw error;
    return html(response, `<p role="alert">${error.message}</p>`, error.status);
  }
  html(response, "<p>There is no such page.</p>", 404);
}

function answerPay(house: House, { method, form }: PageCall, id: string, response: ServerResponse): void {
  const page = house.books.pages.get(id);
  if (page?.status === "complete") return redirect(response, page.success_url);
  if (page?.status !== "open") return html(response, "<p>This page has expired.</p>", 410);
  if (method === "GET") {
    const amount = `${page.amount_total} ${page.currency}`;
    const fields = `<label>Card <input name="number" required></label><button>Pay ${amount}</button>`;
    return html(response, `<form method="post">${fields}</form><a href="${page.cancel_url}">Back</a>`);
  }
  const intent = house.books.intentOfPage(page);
  const challenge = `${house.origin}/challenge/${intent.id}?page=${page.id}`;
  house.books.confirm(intent, textOf(form["number"]) ?? "", challenge);
  if (intent.status === "requires_action") return redirect(response, challenge);
  house.books.completePage(page);
  redirect(response, page.success_url);
}

function answerChallenge(
  house: House,
  { method, form }: PageCall,
  id: string,
  response: ServerResponse,
): void {
  const intent = house.books.intents.get(id);
  if (!intent) return html(response, "<p>There is no such payment.</p>", 404);
  if (method === "GET") {
    const hidden = ["page", "return_url"]
      .map((name) => `<input type="hidden" name="${name}" value="${textOf(form[name]) ?? ""}">`)
      .join("");
    const buttons = `<button name="outcome" value="passes">It is me</button><button name="outcome" value="fails">It is not</button>`;
    return html(response, `<form method="post">${hidden}${buttons}</form>`);
  }
  const isPassed = form["outcome"] === "passes";
  house.books.endChallenge(intent, isPassed);
  const page = house.books.pages.get(textOf(form["page"]) ?? "");
  if (page && isPassed) house.books.completePage(page);
  if (page) return redirect(response, isPassed ? page.success_url : page.url);
  redirect(response, textOf(form["return_url"]) || "about:blank");
}

function html(response: ServerResponse, body: string, status = 200): void {
  response.writeHead(status, { "content-type": "text/html; charset=utf-8" });
  response.end(`<!doctype html><title>Stand-in for Stripe</title>${body}`);
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(303, { location }).end();
}
