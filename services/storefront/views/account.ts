import type { User } from "#gen/rest/types.ts";
import { html, type Html } from "#platform/web/html.ts";
import { alertView, fieldView } from "#platform/web/form.ts";
import type { Look, ShopWords } from "../look.ts";

export interface AccountForm {
  /** Where to go when it worked. */
  readonly next: string;
  readonly values: { readonly [name: string]: string };
  readonly messages?: { readonly [name: string]: string };
  readonly message?: string;
  readonly done?: string;
}

export function loginView({ words }: Look, { next, values, message }: AccountForm): Html {
  const link = (inside: Html) => html`<a href="/account/register${nextQuery(next)}">${inside}</a>`;
  return html`<section class="wrap narrow">
    <h1>${words.text("account.login.heading")}</h1>
    ${alertView(message)}
    <form class="panel" action="/account/login" method="post" data-once>
      <input type="hidden" name="next" value="${next}" />
      <div class="fields">
        ${fieldView({ name: "email", label: words.text("field.email"), type: "email", inputmode: "email", autocomplete: "username", value: values["email"] ?? "" })}
        ${fieldView({ name: "password", label: words.text("field.password"), type: "password", autocomplete: "current-password", maxlength: 1024 })}
      </div>
      <button class="wide" type="submit">${words.text("account.login.submit")}</button>
    </form>
    <p>${words.rich("account.login.other", { link })}</p>
    <p>
      <a href="/account/forgot">${words.text("account.login.forgot")}</a><br />
      <a href="/orders/lookup">${words.text("account.login.lookup")}</a>
    </p>
  </section>`;
}

export function registerView({ words }: Look, { next, values, messages = {}, message }: AccountForm): Html {
  const link = (inside: Html) => html`<a href="/account/login${nextQuery(next)}">${inside}</a>`;
  return html`<section class="wrap narrow">
    <h1>${words.text("account.register.heading")}</h1>
    ${alertView(message)}
    <form class="panel" action="/account/register" method="post" data-once>
      <input type="hidden" name="next" value="${next}" />
      <div class="fields">
        ${nameFields(words, values, messages)}
        ${fieldView({ name: "email", label: words.text("field.email"), type: "email", inputmode: "email", autocomplete: "username", value: values["email"] ?? "", message: messages["email"] })}
        ${fieldView({ name: "password", label: words.text("field.password"), type: "password", autocomplete: "new-password", maxlength: 1024, message: messages["password"], hint: words.text("field.password.hint") })}
      </div>
      <button class="wide" type="submit">${words.text("account.register.submit")}</button>
    </form>
    <p>${words.rich("account.register.other", { link })}</p>
  </section>`;
}

export function profileView(
  { words }: Look,
  user: User,
  { values, messages = {}, message, done }: AccountForm,
): Html {
  const shown = { firstName: user.firstName, lastName: user.lastName, email: user.email, ...values };
  return html`<section class="wrap narrow">
    <h1>
      ${user.firstName ? words.text("account.greeting", { name: user.firstName }) : words.text("account.title")}
    </h1>
    <p class="actions">
      <a class="button" href="/account/orders">${words.text("account.orders")}</a>${
        user.role === "admin"
          ? html`<a class="button quiet" href="/admin">${words.text("account.run")}</a>`
          : ""
      }<a class="button quiet" href="/logout">${words.text("account.signOut")}</a>
    </p>
    ${alertView(message)}${done ? html`<p class="alert good" role="status">${done}</p>` : ""}
    <form class="panel" action="/account" method="post" data-once>
      <h2>${words.text("account.details")}</h2>
      <div class="fields">
        ${nameFields(words, shown, messages)}
        ${fieldView({ name: "email", label: words.text("field.email"), type: "email", inputmode: "email", autocomplete: "email", value: shown.email, message: messages["email"] })}
        ${fieldView({ name: "password", label: words.text("field.newPassword"), type: "password", autocomplete: "new-password", maxlength: 1024, isRequired: false, note: words.text("field.optional"), message: messages["password"] })}
        ${fieldView({ name: "currentPassword", label: words.text("field.currentPassword"), type: "password", autocomplete: "current-password", maxlength: 1024, isRequired: false, note: words.text("field.optional"), message: messages["currentPassword"], hint: words.text("field.currentPassword.hint") })}
      </div>
      <button type="submit">${words.text("account.save")}</button>
    </form>
  </section>`;
}

function nameFields(
  words: ShopWords,
  values: { readonly [name: string]: string },
  messages: { readonly [name: string]: string },
): Html {
  return html`${fieldView({ name: "firstName", label: words.text("field.firstName"), autocomplete: "given-name", maxlength: 100, size: "half", value: values["firstName"] ?? "", message: messages["firstName"] })}
  ${fieldView({ name: "lastName", label: words.text("field.lastName"), autocomplete: "family-name", maxlength: 100, size: "half", value: values["lastName"] ?? "", message: messages["lastName"] })}`;
}

function nextQuery(next: string): string {
  return next === "/" ? "" : `?next=${encodeURIComponent(next)}`;
}
