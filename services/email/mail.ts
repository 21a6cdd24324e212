// Mails: what they are and who may get one. Pure.
import validator from "validator";

export type MailStatus = "queued" | "sent" | "kept" | "failed";

/** What a template makes. */
export interface MailContent {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** A mail about an order; one for each order, template and part, ever. */
export interface NewMail extends MailContent {
  readonly orderId: string;
  readonly template: string;
  readonly part: string;
  readonly recipient: string;
}

const addressLengthMax = 254;

/** True for exactly one plain mail address, without a name, comments or anything that could become a header. */
export function isRecipient(text: string): boolean {
  if (text.length > addressLengthMax || !/^[\x21-\x7e]+$/.test(text) || /[,;:<>()"\\[\]]/.test(text))
    return false;
  return validator.isEmail(text, { require_tld: false });
}

/** One line without control characters, for headers; never longer than a subject should be. */
export function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ")
    .trim()
    .toWellFormed()
    .slice(0, 150)
    .toWellFormed();
}
