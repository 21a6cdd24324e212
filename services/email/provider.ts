// The mail port: who takes mails from the shop to people.
import { definePort } from "#platform/kit/extension.ts";
import type { MailContent } from "./mail.ts";

export type { MailContent } from "./mail.ts";

/** A mail on its way out. */
export interface OutgoingMail extends MailContent {
  /** The same at every try. The mail must carry it, so that one sent twice after a crash can be recognised. */
  readonly id: string;
  /** One plain address. */
  readonly recipient: string;
}

/** Whatever takes mails from us. Mails are queued and tried again by the service: a transport tries once, and within a minute. */
export interface MailSender {
  /** Rejects when the mail was not taken, or nobody knows; PermanentRefusal when it never will be. */
  send(mail: OutgoingMail): Promise<void>;
  /** May be repeated. */
  close(): void;
}

/** The other side has refused this mail for good; another one may well pass. A wrong password is no such refusal. */
export class PermanentRefusal extends Error {
  override readonly name = "PermanentRefusal";
}

/** What an implementation is told. */
export interface MailSenderGiven {
  readonly from: { readonly name: string; readonly address: string };
}

/** Undefined is an answer too: there is nobody to take mails, and they are kept for admins to read. */
export const mailPort = definePort<MailSender | undefined, MailSenderGiven>("mail-transport");
