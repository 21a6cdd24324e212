import type { User } from "#gen/rest/types.ts";
import { html, type Html } from "#platform/web/html.ts";
import { alertView, fieldView } from "#platform/web/form.ts";

export interface AccountForm {
  /** Where to go when it worked. */
  readonly next: string;
  readonly values: { readonly [name: string]: string };
  readonly messages?: { readonly [name: string]: string };
  readonly message?: string;
  readonly done?: string;
}

export function loginView({ next, values, message }: AccountForm): Html {
  return html`<section class="wrap narrow">
    <h1>Sign in</h1>
    ${alertView(message)}
    <form class="panel" action="/account/login" method="post" data-once>
      <input type="hidden" name="next" value="${next}" />
      <div class="fields">
        ${fieldView({ name: "email", label: "Email", type: "email", inputmode: "email", autocomplete: "username", value: values["email"] ?? "" })}
        ${fieldView({ name: "password", label: "Password", type: "password", autocomplete: "current-password", maxlength: 1024 })}
      </div>
      <button class="wide" type="submit">Sign in</button>
    </form>
    <p>
      New here? <a href="/account/register${nextQuery(next)}">Make an account</a>. You can also buy without
      one.
    </p>
  </section>`;
}

export function registerView({ next, values, messages = {}, message }: AccountForm): Html {
  return html`<section class="wrap narrow">
    <h1>Make an account</h1>
    ${alertView(message)}
    <form class="panel" action="/account/register" method="post" data-once>
      <input type="hidden" name="next" value="${next}" />
      <div class="fields">
        ${nameFields(values, messages)}
        ${fieldView({ name: "email", label: "Email", type: "email", inputmode: "email", autocomplete: "username", value: values["email"] ?? "", message: messages["email"] })}
        ${fieldView({ name: "password", label: "Password", type: "password", autocomplete: "new-password", maxlength: 1024, message: messages["password"], hint: "At least eight characters. A short sentence is easy to remember and hard to guess." })}
      </div>
      <button class="wide" type="submit">Make my account</button>
    </form>
    <p>Have one already? <a href="/account/login${nextQuery(next)}">Sign in</a>.</p>
  </section>`;
}

export function profileView(user: User, { values, messages = {}, message, done }: AccountForm): Html {
  const shown = { firstName: user.firstName, lastName: user.lastName, email: user.email, ...values };
  return html`<section class="wrap narrow">
    <h1>${user.firstName ? `Hello, ${user.firstName}` : "Your account"}</h1>
    <p class="actions">
      <a class="button" href="/account/orders">Your orders</a>${
        user.role === "admin" ? html`<a class="button quiet" href="/admin">Run the shop</a>` : ""
      }<a class="button quiet" href="/logout">Sign out</a>
    </p>
    ${alertView(message)}${done ? html`<p class="alert good" role="status">${done}</p>` : ""}
    <form class="panel" action="/account" method="post" data-once>
      <h2>Your details</h2>
      <div class="fields">
        ${nameFields(shown, messages)}
        ${fieldView({ name: "email", label: "Email", type: "email", inputmode: "email", autocomplete: "email", value: shown.email, message: messages["email"] })}
        ${fieldView({ name: "password", label: "New password", type: "password", autocomplete: "new-password", maxlength: 1024, isRequired: false, note: "optional", message: messages["password"] })}
        ${fieldView({ name: "currentPassword", label: "Current password", type: "password", autocomplete: "current-password", maxlength: 1024, isRequired: false, note: "optional", message: messages["currentPassword"], hint: "Needed for a new email or password." })}
      </div>
      <button type="submit">Save</button>
    </form>
  </section>`;
}

function nameFields(
  values: { readonly [name: string]: string },
  messages: { readonly [name: string]: string },
): Html {
  return html`${fieldView({ name: "firstName", label: "First name", autocomplete: "given-name", maxlength: 100, size: "half", value: values["firstName"] ?? "", message: messages["firstName"] })}
  ${fieldView({ name: "lastName", label: "Last name", autocomplete: "family-name", maxlength: 100, size: "half", value: values["lastName"] ?? "", message: messages["lastName"] })}`;
}

function nextQuery(next: string): string {
  return next === "/" ? "" : `?next=${encodeURIComponent(next)}`;
}
