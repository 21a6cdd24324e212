import type { Database } from "#platform/database/db.ts";
import type { Tasks } from "#platform/database/tasks.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import type { Clock } from "#platform/kit/clock.ts";
import type { Client } from "#platform/rpc/contract.ts";
import { UserService } from "#gen/stoa/user/v1/user_pb.js";
import type { Kit } from "#platform/kit/service.ts";
import type { EmailConfig } from "./config.ts";
import { themesOf } from "#platform/web/theme.ts";
import { openMailShop, type MailShop } from "./mail-shop.ts";
import { openOrderLinks, type OrderLinks } from "./order-links.ts";
import { mailPort, type MailSender } from "./provider.ts";

export const emailNeeds = { user: UserService };

export interface EmailContext {
  readonly db: Database;
  readonly tasks: Tasks;
  readonly log: Logger;
  readonly clock: Clock;
  readonly clients: { readonly user: Client<typeof UserService> };
  readonly links: OrderLinks;
  readonly shop: MailShop;
  /** Absent where mails are kept. */
  readonly sender: MailSender | undefined;
  readonly sendsForeignOrders: boolean;
}

export async function openEmailContext(
  kit: Kit<typeof EmailConfig, typeof emailNeeds>,
): Promise<EmailContext> {
  const { db, tasks, log, clock, clients, config, shop } = kit;
  const from = { name: shop.name, address: config.EMAIL_FROM };
  return {
    db,
    tasks,
    log,
    clock,
    clients,
    links: await openOrderLinks(db, clock, config.EMAIL_ORDER_LINK_DAYS),
    shop: await openMailShop(shop, themesOf(kit)),
    sender: await kit.provider(mailPort, { from }),
    sendsForeignOrders: config.EMAIL_FOREIGN_ORDERS === "send",
  };
}
