// A forgotten password: asking for the mail, and choosing another one with what the mail said.
import { ApiProblem } from "#gen/rest/rest-client.ts";
import { page, redirect, type Answer, type Route } from "#platform/web/answer.ts";
import { fieldText, problemText } from "../refusal.ts";
import {
  askedView,
  changedView,
  expiredView,
  forgotView,
  resetView,
  type MailForm,
} from "../views/mail-forms.ts";
import type { Visit } from "../visit.ts";

export const passwordRoutes: readonly Route<Visit>[] = [
  { method: "GET", url: "/account/forgot", page: (visit) => forgotPage(visit, { values: {} }) },
  { method: "POST", url: "/account/forgot", page: forgot },
  { method: "GET", url: "/account/reset", page: openReset },
  { method: "POST", url: "/account/reset", page: reset },
];

const tokenCookie = "stoa_reset";
const tokenPath = "/account/reset";
const tokenPattern = /^[\w-]{1,128}$/;
const tokenSeconds = 24 * 3_600;
const headers = { "cache-control": "private, no-store", "referrer-policy": "same-origin" };
/** Passwords are hashed on purpose slowly. */
const slowTimeoutMs = 30_000;

function forgotPage(visit: Visit, form: MailForm, status = 200): Answer {
  return page(visit.look.words.text("forgot.title"), forgotView(visit.look, form), { status, headers });
}

async function forgot(visit: Visit): Promise<Answer> {
  const { words } = visit.look;
  const email = (visit.form.get("email") ?? "").trim();
  const values = { email };
  if (email === "") return forgotPage(visit, { values, message: words.text("wrong.allFields") }, 422);
  try {
    await visit.ctx.api.send("askPasswordReset", { body: { email } }, { ...visit.caller, token: undefined });
  } catch (error) {
    return forgotPage(visit, { values, ...whatToMend(visit, error) }, 422);
  }
  const text = words.text((await visit.sendsMails()) ? "forgot.asked" : "forgot.kept");
  return page(words.text("forgot.title"), askedView(visit.look, words.text("forgot.title"), text), {
    headers,
  });
}

/** What the link says goes into a cookie of this page, so that it stands in no address, history or Referer. */
function openReset(visit: Visit): Answer {
  const token = visit.query.get("token");
  if (token !== null) {
    if (tokenPattern.test(token))
      visit.cookies.set(tokenCookie, token, { path: tokenPath, maxAgeSeconds: tokenSeconds });
    return redirect(tokenPath, 303, { "referrer-policy": "no-referrer" });
  }
  return visit.cookies.get(tokenCookie) ? resetPage(visit, { values: {} }) : expiredPage(visit, 200);
}

function resetPage(visit: Visit, form: MailForm, status = 200): Answer {
  return page(visit.look.words.text("reset.title"), resetView(visit.look, form), { status, headers });
}

function expiredPage(visit: Visit, status: number): Answer {
  return page(visit.look.words.text("reset.title"), expiredView(visit.look), { status, headers });
}

async function reset(visit: Visit): Promise<Answer> {
  const { words } = visit.look;
  const token = visit.cookies.get(tokenCookie) ?? "";
  const password = visit.form.get("password") ?? "";
  if (token === "") return expiredPage(visit, 422);
  if (password === "") return resetPage(visit, { values: {}, message: words.text("wrong.allFields") }, 422);
  const asNobody = { ...visit.caller, token: undefined };
  try {
    await visit.ctx.api.send("confirmPasswordReset", { body: { token, password } }, asNobody, slowTimeoutMs);
  } catch (error) {
    if (error instanceof ApiProblem && error.code === "RESET_TOKEN_INVALID") {
      visit.cookies.expire(tokenCookie, tokenPath);
      return expiredPage(visit, 422);
    }
    return resetPage(visit, { values: {}, ...whatToMend(visit, error) }, 422);
  }
  visit.cookies.expire(tokenCookie, tokenPath);
  return page(words.text("reset.title"), changedView(visit.look), { headers });
}

/** What the visitor can mend; anything else is an error page. */
function whatToMend({ look: { words } }: Visit, error: unknown): Omit<MailForm, "values"> {
  if (!(error instanceof ApiProblem) || error.status !== 400) throw error;
  const messages = Object.fromEntries(
    error.errors.map(({ path, message }) => [path, fieldText(words, message)]),
  );
  return { messages, message: problemText(words, error, words.text("refusal.wrong.text")) };
}
