// Pages that end in a mail, or began with one.
import { alertView, fieldView } from "#platform/web/form.ts";
import { html, type Html } from "#platform/web/html.ts";
import type { Look } from "../look.ts";

export interface MailForm {
  readonly values: { readonly [name: string]: string };
  readonly messages?: { readonly [name: string]: string };
  readonly message?: string;
}

export function lookUpView({ words }: Look, { values, messages = {}, message }: MailForm): Html {
  return html`<section class="wrap narrow">
    <h1>${words.text("lookup.title")}</h1>
    <p>${words.text("lookup.text")}</p>
    ${alertView(message)}
    <form class="panel" action="/orders/lookup" method="post" data-once>
      <div class="fields">
        ${fieldView({ name: "orderNumber", label: words.text("lookup.number"), autocomplete: "off", maxlength: 64, value: values["orderNumber"] ?? "", message: messages["orderNumber"], hint: words.text("lookup.number.hint") })}
        ${emailView(words.text("field.email"), values, messages)}
      </div>
      <button class="wide" type="submit">${words.text("lookup.submit")}</button>
    </form>
  </section>`;
}

export function forgotView({ words }: Look, { values, messages = {}, message }: MailForm): Html {
  const link = (inside: Html) => html`<a href="/account/login">${inside}</a>`;
  return html`<section class="wrap narrow">
    <h1>${words.text("forgot.title")}</h1>
    <p>${words.text("forgot.text")}</p>
    ${alertView(message)}
    <form class="panel" action="/account/forgot" method="post" data-once>
      <div class="fields">${emailView(words.text("field.email"), values, messages)}</div>
      <button class="wide" type="submit">${words.text("forgot.submit")}</button>
    </form>
    <p>${words.rich("forgot.other", { link })}</p>
  </section>`;
}

function emailView(
  label: string,
  values: MailForm["values"],
  messages: { readonly [name: string]: string },
): Html {
  return fieldView({
    name: "email",
    label,
    type: "email",
    inputmode: "email",
    autocomplete: "email",
    value: values["email"] ?? "",
    message: messages["email"],
  });
}

/** The same whatever was asked for: only a mail tells. */
export function askedView({ words }: Look, title: string, text: string): Html {
  return html`<section class="wrap narrow">
    <h1>${title}</h1>
    <p role="status">${text}</p>
    <p class="actions"><a class="button" href="/">${words.text("refusal.toShop")}</a></p>
  </section>`;
}

export function resetView({ words }: Look, { messages = {}, message }: MailForm): Html {
  return html`<section class="wrap narrow">
    <h1>${words.text("reset.title")}</h1>
    <p>${words.text("reset.text")}</p>
    ${alertView(message)}
    <form class="panel" action="/account/reset" method="post" data-once>
      <div class="fields">
        ${fieldView({ name: "password", label: words.text("field.newPassword"), type: "password", autocomplete: "new-password", maxlength: 1024, message: messages["password"], hint: words.text("field.password.hint") })}
      </div>
      <button class="wide" type="submit">${words.text("reset.submit")}</button>
    </form>
  </section>`;
}

export function expiredView({ words }: Look): Html {
  return html`<section class="wrap narrow">
    <h1>${words.text("reset.title")}</h1>
    <p>${words.text("reset.expired")}</p>
    <p class="actions"><a class="button" href="/account/forgot">${words.text("reset.again")}</a></p>
  </section>`;
}

export function changedView({ words }: Look): Html {
  return html`<section class="wrap narrow">
    <h1>${words.text("reset.title")}</h1>
    <p class="alert good" role="status">${words.text("reset.done")}</p>
    <p class="actions"><a class="button" href="/account/login">${words.text("account.login.submit")}</a></p>
  </section>`;
}
