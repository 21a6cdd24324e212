import { localPath, page, redirect, type Answer, type Route } from "#platform/web/answer.ts";
import { ApiProblem } from "#gen/rest/rest-client.ts";
import type { ApiCaller } from "#platform/web/rest-api.ts";
import type { Session, User } from "#gen/rest/types.ts";
import { Refusal, SignInNeeded } from "../refusal.ts";
import { loginView, profileView, registerView, type AccountForm } from "../views/account.ts";
import type { Visit } from "../visit.ts";

export const accountRoutes: readonly Route<Visit>[] = [
  { method: "GET", url: "/account", page: profilePage },
  { method: "POST", url: "/account", page: changeProfile },
  { method: "GET", url: "/account/login", page: (visit) => page("Sign in", loginView(emptyForm(visit))) },
  { method: "POST", url: "/account/login", page: logIn },
  {
    method: "GET",
    url: "/account/register",
    page: (visit) => page("New account", registerView(emptyForm(visit))),
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
  if (body.email === "" || body.password === "") return incompleteForm(loginView, "Sign in", form);
  try {
    await startSession(visit, async (caller) => {
      return await visit.ctx.api.send("loginUser", { body }, caller, slowTimeoutMs);
    });
  } catch (error) {
    return refusedBy(error, loginView, "Sign in", form);
  }
  return redirect(form.next === "/" ? "/account" : form.next);
}

async function register(visit: Visit): Promise<Answer> {
  const form = typedForm(visit, ["email", "firstName", "lastName"]);
  const { email = "", firstName = "", lastName = "" } = form.values;
  const body = { email, firstName, lastName, password: visit.form.get("password") ?? "" };
  if (Object.values(body).some((value) => value === ""))
    return incompleteForm(registerView, "New account", form);
  try {
    await startSession(visit, async (caller) => {
      return await visit.ctx.api.send("registerUser", { body }, caller, slowTimeoutMs);
    });
  } catch (error) {
    return refusedBy(error, registerView, "New account", form);
  }
  return redirect(form.next === "/" ? "/account" : form.next);
}

/** The guest's token goes along, so that the cart of before is the cart of after. */
async function startSession(visit: Visit, signIn: (caller: ApiCaller) => Promise<Session>): Promise<void> {
  const token = visit.isKnown ? await visit.identity.guestToken() : undefined;
  visit.identity.start(await signIn({ ...visit.caller, token }));
}

async function profilePage(visit: Visit): Promise<Answer> {
  const user = await getUser(visit);
  return page("Your account", profileView(user, { next: "/", values: {} }), { headers: noStore });
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
  const view = (shown: AccountForm) => profileView(user, shown);
  try {
    const changed = await visit.ask("changeProfile", { body }, slowTimeoutMs);
    const { token, expiresAt, refreshToken } = changed;
    if (token && expiresAt && refreshToken)
      visit.identity.start({ user: changed, token, expiresAt, refreshToken });
    return page("Your account", profileView(changed, { next: "/", values: {}, done: "Saved." }), {
      headers: noStore,
    });
  } catch (error) {
    return refusedBy(error, view, "Your account", form);
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

/** For pages of the shop's staff: signed in and an admin. */
export async function requireAdminVisit(visit: Visit): Promise<User> {
  const user = await getUser(visit);
  if (user.role === "admin") return user;
  throw new Refusal(403, "For the staff of the shop", "Your account may not open this page.");
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

type View = (form: AccountForm) => ReturnType<typeof loginView>;

function incompleteForm(view: View, title: string, form: AccountForm): Answer {
  const message = "Please fill in all fields.";
  return page(title, view({ ...form, message }), { status: 422, headers: noStore });
}

/** What the shopper can mend is shown in the form; everything else is an error page. */
function refusedBy(error: unknown, view: View, title: string, form: AccountForm): Answer {
  if (!(error instanceof ApiProblem) || error.status >= 500 || error.status === 429) throw error;
  const messages: Record<string, string> = {};
  for (const { path, message } of error.errors) messages[path] = `It ${message.replace(/\.$/, "")}.`;
  const status = error.status === 400 ? 422 : error.status;
  const message =
    error.code === "EMAIL_TAKEN"
      ? "There is an account with this email already. Sign in instead?"
      : error.detail;
  return page(title, view({ ...form, messages, message }), { status, headers: noStore });
}

const noStore = { "cache-control": "private, no-store" };
