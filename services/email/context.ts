import type { Database } from "#platform/database/db.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import type { Kit, Needs } from "#platform/kit/service.ts";
import type { EmailConfig } from "./config.ts";
import { openMailShop, type MailShop } from "./mail-shop.ts";
import { createSmtpSender, type MailSender } from "./sender.ts";

export interface EmailContext {
  readonly db: Database;
  readonly log: Logger;
  readonly shop: MailShop;
  /** Absent where mails are kept. */
  readonly sender: MailSender | undefined;
  readonly sendsForeignOrders: boolean;
}

export async function openEmailContext({
  db,
  log,
  config,
  shop,
}: Kit<typeof EmailConfig, Needs>): Promise<EmailContext> {
  const { EMAIL_SMTP_URL, EMAIL_FROM, EMAIL_FOREIGN_ORDERS } = config;
  const from = { name: shop.name, address: EMAIL_FROM };
  return {
    db,
    log,
    shop: await openMailShop(shop),
    sender: EMAIL_SMTP_URL && createSmtpSender({ url: EMAIL_SMTP_URL.reveal(), from }),
    sendsForeignOrders: EMAIL_FOREIGN_ORDERS === "send",
  };
}
