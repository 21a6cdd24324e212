// Mails about an account, and none about an order.
import { layOutPlain } from "./layout.ts";
import type { MailContent } from "./mail.ts";
import type { MailShop } from "./mail-shop.ts";

export function resetMail(shop: MailShop, token: string, minutes: number): MailContent {
  const { words, name, url } = shop;
  return layOutPlain(
    {
      subject: words.text("reset.subject", { shop: name }),
      heading: words.text("reset.heading"),
      paragraphs: [words.text("reset.text", { shop: name, minutes }), words.text("reset.notYou")],
    },
    { url: `${url}/account/reset?token=${encodeURIComponent(token)}`, text: words.text("reset.link") },
    shop,
  );
}

export function changedMail(shop: MailShop): MailContent {
  const { words, name, url } = shop;
  return layOutPlain(
    {
      subject: words.text("changed.subject", { shop: name }),
      heading: words.text("changed.heading"),
      paragraphs: [words.text("changed.text", { shop: name }), words.text("changed.notYou")],
    },
    { url: `${url}/account/forgot`, text: words.text("changed.link") },
    shop,
  );
}

/** Mails with this template open an account: what opens it is shown to nobody but their reader. */
const secretTemplate = "password-reset";

/** The body of a mail as staff may see it; where no mail is sent, there is no other way to hand it on. */
export function asStaffSees(
  { template, status }: { readonly template: string; readonly status: string },
  body: string,
): string {
  return template === secretTemplate && status !== "kept" ? body.replace(/token=[\w-]+/g, "token=…") : body;
}
