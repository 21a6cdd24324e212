import type { Database } from "#platform/database/db.ts";
import type { Tasks } from "#platform/database/tasks.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import type { Kit } from "#platform/kit/service.ts";
import type { EmailConfig } from "./config.ts";
import { themesOf } from "#platform/web/theme.ts";
import { openMailShop, type MailShop } from "./mail-shop.ts";
import { mailPort, type MailSender } from "./provider.ts";

export interface EmailContext {
  readonly db: Database;
  readonly tasks: Tasks;
  readonly log: Logger;
  readonly shop: MailShop;
  /** Absent where mails are kept. */
  readonly sender: MailSender | undefined;
  readonly sendsForeignOrders: boolean;
}

export async function openEmailContext(kit: Kit<typeof EmailConfig>): Promise<EmailContext> {
  const { db, tasks, log, config, shop } = kit;
  const from = { name: shop.name, address: config.EMAIL_FROM };
  return {
    db,
    tasks,
    log,
    shop: await openMailShop(shop, themesOf(kit)),
    sender: await kit.provider(mailPort, { from }),
    sendsForeignOrders: config.EMAIL_FOREIGN_ORDERS === "send",
  };
}
