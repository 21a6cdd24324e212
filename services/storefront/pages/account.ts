import { localPath, page, redirect, type Answer, type Route } from "#platform/web/answer.ts";
import { ApiProblem } from "#gen/rest/rest-client.ts";
import type { ApiCaller } from "#platform/web/rest-api.ts";
import type { Session, User } from "#gen/rest/types.ts";
import type { Html } from "#platform/web/html.ts";
import type { Look } from "../look.ts";
import { fieldText, problemText, SignInNeeded } from "../refusal.ts";
import { loginView, profileView, registerView, type AccountForm } from "../views/account.ts";
import type { Visit } from "../visit.ts";
import { leftCartPath } from "./left-cart.ts";

export const accountRoutes: readonly Route<Visit>[] = [
  { method: "GET", url: "/account", page: profilePage },
  { method: "POST", url: "/account", page: changeProfile },
  { method: "GET", url: "/account/login", page: (visit) => formPage(visit, logInForm, emptyForm(visit)) },
  { method: "POST", url: "/account/login", page: logIn },
  {
    method: "GET",
    url: "/account/register",
    page: (visit) => formPage(visit, registerForm, emptyForm(visit)),
  },
  { method: "POST", url: "/account/register", page: register },
  { method: "GET", url: "/logout", page: logOut, changes: true },
];

/** Passwords are hashed on purpose slowly, and many at once wait their turn. */
const slowTimeoutMs = 30_000;

function emptyForm(visit: Visit): AccountForm {
  return { next: localPath(visit.query.get("next")), values: {} };
}

function typedForm(visit: Visit, names: readonly string[]): AccountForm & { values: Record<string, string> } {
  const values = Object.fromEntries(names.map((name) => [name, (visit.form.get(name) ?? "").trim()]));
  return { next: localPath(visit.form.get("next")), values };
}

async function logIn(visit: Visit): Promise<Answer> {
  const form = typedForm(visit, ["email"]);
  const body = { email: form.values["email"] ?? "", password: visit.form.get("password") ?? "" };
  if (body.email === "" || body.password === "") return incompleteForm(visit, logInForm, form);
  try {
    return await startSession(visit, form, async (caller) => {
      return await visit.ctx.api.send("loginUser", { body }, caller, slowTimeoutMs);
    });
  } catch (error) {
    return refusedBy(visit, error, logInForm, form);
  }
}

async function register(visit: Visit): Promise<Answer> {
  const form = typedForm(visit, ["email", "firstName", "lastName"]);
  const { email = "", firstName = "", lastName = "" } = form.values;
  const body = { email, firstName, lastName, password: visit.form.get("password") ?? "" };
  if (Object.values(body).some((value) => value === "")) return incompleteForm(visit, registerForm, form);
  try {
    return await startSession(visit, form, async (caller) => {
      return await visit.ctx.api.send("registerUser", { body }, caller, slowTimeoutMs);
    });
  } catch (error) {
    return refusedBy(visit, error, registerForm, form);
  }
}

/** The guest's token goes along, so that the cart of before is the cart of after; what did not fit into it is told there. */
async function startSession(
  visit: Visit,
  { next }: AccountForm,
  signIn: (caller: ApiCaller) => Promise<Session>,
): Promise<Answer> {
  const token = visit.isKnown ? await visit.identity.guestToken() : undefined;
  const session = await signIn({ ...visit.caller, token });
  visit.identity.start(session);
  if (session.cartLeftWithGuest) return redirect(leftCartPath);
  return redirect(next === "/" ? "/account" : next);
}

async function profilePage(visit: Visit): Promise<Answer> {
  const user = await getUser(visit);
  return formPage(visit, profileForm(user), { next: "/", values: {} }, { headers: noStore });
}

async function changeProfile(visit: Visit): Promise<Answer> {
  const user = await getUser(visit);
  const form = typedForm(visit, ["firstName", "lastName", "email"]);
  const { firstName = "", lastName = "", email = "" } = form.values;
  const passwords = {
    password: visit.form.get("password") ?? "",
    currentPassword: visit.form.get("currentPassword") ?? "",
  };
  const body = Object.fromEntries(
    Object.entries({ firstName, lastName, email: email === user.email ? "" : email, ...passwords }).filter(
      ([, value]) => value !== "",
    ),
  );
  try {
    const changed = await visit.ask("changeProfile", { body }, slowTimeoutMs);
    const { token, expiresAt, refreshToken } = changed;
    if (token && expiresAt && refreshToken)
      visit.identity.start({ user: changed, token, expiresAt, refreshToken });
    const done = visit.look.words.text("account.saved");
    return formPage(visit, profileForm(changed), { next: "/", values: {}, done }, { headers: noStore });
  } catch (error) {
    return refusedBy(visit, error, profileForm(user), form);
  }
}

async function getUser(visit: Visit): Promise<User> {
  if (!visit.identity.isSignedIn) throw new SignInNeeded();
  const user = await visit.ask("getProfile", {}).catch((error: unknown) => {
    if (!visit.identity.isSignedIn) throw new SignInNeeded();
    throw error;
  });
  if (user.role === "guest") throw new SignInNeeded();
  return user;
}

/** The session ends here and everywhere, and every cookie that was sent expires, whatever the API says. */
async function logOut(visit: Visit): Promise<Answer> {
  if (visit.identity.isSignedIn) {
    await visit.ask("logoutUser", {}).catch((error: unknown) => {
      visit.ctx.log.warn(
        { err: error, requestId: visit.requestId },
        "A session could not be ended at the API.",
      );
    });
  }
  visit.cookies.expireAll();
  return redirect("/");
}

/** A page that is one form: what it is called, and its markup with what was typed. */
interface FormPage {
  readonly title: "account.login.heading" | "account.register.title" | "account.title";
  readonly view: (look: Look, form: AccountForm) => Html;
}

const logInForm: FormPage = { title: "account.login.heading", view: loginView };
const registerForm: FormPage = { title: "account.register.title", view: registerView };

function profileForm(user: User): FormPage {
  return { title: "account.title", view: (look, form) => profileView(look, user, form) };
}

function formPage(
  { look }: Visit,
  { title, view }: FormPage,
  form: AccountForm,
  rest: { readonly status?: number; readonly headers?: { readonly [name: string]: string } } = {},
): Answer {
  return page(look.words.text(title), view(look, form), rest);
}

function incompleteForm(visit: Visit, wanted: FormPage, form: AccountForm): Answer {
  const message = visit.look.words.text("wrong.allFields");
  return formPage(visit, wanted, { ...form, message }, { status: 422, headers: noStore });
}

/** What the shopper can mend is shown in the form; everything else is an error page. */
function refusedBy(visit: Visit, error: unknown, wanted: FormPage, form: AccountForm): Answer {
  if (!(error instanceof ApiProblem) || error.status >= 500 || error.status === 429) throw error;
  const { words } = visit.look;
  const messages: Record<string, string> = {};
  for (const { path, message } of error.errors) messages[path] = fieldText(words, message);
  const status = error.status === 400 ? 422 : error.status;
  const message = problemText(words, error, words.text("refusal.wrong.text"));
  return formPage(visit, wanted, { ...form, messages, message }, { status, headers: noStore });
}

const noStore = { "cache-control": "private, no-store" };
