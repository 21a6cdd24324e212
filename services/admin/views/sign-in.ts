import { alertView, fieldView } from "#platform/web/form.ts";
import { html, type Html } from "#platform/web/html.ts";
import type { AdminWords } from "../context.ts";

export interface SignInForm {
  /** Where to go when it worked. */
  readonly next: string;
  readonly email: string;
  readonly message?: string;
}

export function signInView(words: AdminWords, { next, email, message }: SignInForm): Html {
  return html`<section class="sign-in">
    <h1>${words.text("signIn.heading")}</h1>
    ${alertView(message)}
    <form class="panel" action="/admin/login" method="post">
      <input type="hidden" name="next" value="${next}" />
      <div class="fields">
        ${fieldView({ name: "email", label: words.text("signIn.email"), type: "email", inputmode: "email", autocomplete: "username", value: email })}
        ${fieldView({ name: "password", label: words.text("signIn.password"), type: "password", autocomplete: "current-password", maxlength: 1024 })}
      </div>
      <button class="wide" type="submit">${words.text("signIn.submit")}</button>
    </form>
    <p><a href="/">${words.text("frame.shop")}</a></p>
  </section>`;
}
