// The way to an order for whoever has its mail: the mail's link, and the page where one can ask for it again.
import { ApiProblem } from "#gen/rest/rest-client.ts";
import type { Order } from "#gen/rest/types.ts";
import { isUuid } from "#platform/kit/ids.ts";
import { page, redirect, type Answer, type Route } from "#platform/web/answer.ts";
import { fieldText, problemText } from "../refusal.ts";
import { askedView, lookUpView, type MailForm } from "../views/mail-forms.ts";
import type { Visit } from "../visit.ts";

export const orderLinkRoutes: readonly Route<Visit>[] = [
  { method: "GET", url: "/orders/lookup", page: (visit) => lookUpPage(visit, { values: {} }) },
  { method: "POST", url: "/orders/lookup", page: lookUp },
];

const accessCookie = "stoa_order";
const accessPattern = /^[\w.-]{1,64}$/;
const noStore = { "cache-control": "private, no-store" };

/** What the link says goes into a cookie of that one order, so that it stands in no address, history or Referer. */
export function keepAccess(visit: Visit): Answer | undefined {
  const access = visit.query.get("access");
  const id = visit.params["id"] ?? "";
  if (access === null || !isUuid(id)) return undefined;
  if (accessPattern.test(access)) visit.cookies.set(accessCookie, access, { path: `/orders/${id}` });
  return redirect(`/orders/${id}`, 303, { "referrer-policy": "no-referrer" });
}

/** The order, if the visitor came with the link of one of its mails that still opens it. */
export async function findByLink(visit: Visit): Promise<Order | undefined> {
  const access = visit.cookies.get(accessCookie);
  const id = visit.params["id"] ?? "";
  if (access === undefined || !accessPattern.test(access) || !isUuid(id)) return undefined;
  const asNobody = { ...visit.caller, token: undefined };
  try {
    return await visit.ctx.api.send("openOrder", { path: { id }, body: { access } }, asNobody);
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status !== 404) throw error;
    visit.cookies.expire(accessCookie, `/orders/${id}`);
    return undefined;
  }
}

/** For somebody whose link opens nothing (any more); undefined for everybody else. */
export function expiredLinkPage(visit: Visit): Answer | undefined {
  if (visit.cookies.get(accessCookie) === undefined) return undefined;
  return lookUpPage(visit, { values: {}, message: visit.look.words.text("lookup.expired") }, 404);
}

function lookUpPage(visit: Visit, form: MailForm, status = 200): Answer {
  return page(visit.look.words.text("lookup.title"), lookUpView(visit.look, form), {
    status,
    headers: noStore,
  });
}

async function lookUp(visit: Visit): Promise<Answer> {
  const { words } = visit.look;
  const orderNumber = (visit.form.get("orderNumber") ?? "").trim();
  const email = (visit.form.get("email") ?? "").trim();
  const values = { orderNumber, email };
  if (orderNumber === "" || email === "")
    return lookUpPage(visit, { values, message: words.text("wrong.allFields") }, 422);
  try {
    await visit.ctx.api.send("lookUpOrder", { body: values }, { ...visit.caller, token: undefined });
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status !== 400) throw error;
    const messages = Object.fromEntries(
      error.errors.map(({ path, message }) => [path, fieldText(words, message)]),
    );
    const message = problemText(words, error, words.text("refusal.wrong.text"));
    return lookUpPage(visit, { values, messages, message }, 422);
  }
  const text = words.text((await visit.sendsMails()) ? "lookup.asked" : "lookup.kept");
  return page(words.text("lookup.title"), askedView(visit.look, words.text("lookup.title"), text), {
    headers: noStore,
  });
}
