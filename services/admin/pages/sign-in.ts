import { ApiProblem } from "#gen/rest/rest-client.ts";
import type { Session } from "#gen/rest/types.ts";
import { localPath, page, redirect, type Answer, type Route } from "#platform/web/answer.ts";
import { problemText } from "../refusal.ts";
import { signInView, type SignInForm } from "../views/sign-in.ts";
import type { AdminVisit } from "../visit.ts";

export const signInRoutes: readonly Route<AdminVisit>[] = [
  {
    method: "GET",
    url: "/login",
    page: (visit) => signInPage(visit, { next: nextOf(visit.query), email: "" }),
  },
  { method: "POST", url: "/login", page: logIn },
  { method: "POST", url: "/logout", page: logOut },
];

/** Passwords are hashed on purpose slowly, and many at once wait their turn. */
const slowTimeoutMs = 30_000;

function signInPage(visit: AdminVisit, form: SignInForm, status = 200): Answer {
  const headers = { "cache-control": "private, no-store" };
  return page(visit.words.text("signIn.heading"), signInView(visit.words, form), { status, headers });
}

/** Nothing but pages of the admin. */
function nextOf(fields: URLSearchParams): string {
  const next = localPath(fields.get("next"));
  return /^\/admin(?![\w-])/.test(next) ? next : "/admin";
}

async function logIn(visit: AdminVisit): Promise<Answer> {
  const { words, form: fields } = visit;
  const form = { next: nextOf(fields), email: (fields.get("email") ?? "").trim() };
  const password = fields.get("password") ?? "";
  if (form.email === "" || password === "")
    return signInPage(visit, { ...form, message: words.text("signIn.incomplete") }, 422);
  let session: Session;
  try {
    const body = { email: form.email, password };
    session = await visit.ctx.api.send("loginUser", { body }, visit.caller, slowTimeoutMs);
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status >= 500 || error.status === 429) throw error;
    const message = problemText(words, error, words.text("signIn.failed"));
    return signInPage(visit, { ...form, message }, error.status === 400 ? 422 : error.status);
  }
  if (session.user.role !== "admin") {
    await endAtApi(visit, session.token);
    return signInPage(visit, { ...form, message: words.text("refusal.staff.text") }, 403);
  }
  visit.signIn.start(session);
  return redirect(form.next);
}

async function logOut(visit: AdminVisit): Promise<Answer> {
  await visit.askOptional("logoutUser", {});
  visit.endSession();
  return redirect("/admin/login");
}

/** A session that nobody will use must not stay open; if it does after all, it ends by itself. */
async function endAtApi(visit: AdminVisit, token: string): Promise<void> {
  await visit.ctx.api.send("logoutUser", {}, { ...visit.caller, token }).catch((error: unknown) => {
    visit.ctx.log.warn(
      { err: error, requestId: visit.requestId },
      "A session could not be ended at the API.",
    );
  });
}
