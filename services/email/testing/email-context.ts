import { randomBytes } from "node:crypto";
import type { Database } from "#platform/database/db.ts";
import { Tasks } from "#platform/database/tasks.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import type { EmailContext } from "../context.ts";
import { OrderLinks } from "../order-links.ts";
import { englishShop } from "./english-shop.ts";

/** An English shop that keeps its mails: nobody is asked about accounts, and links are signed with a key of the moment. */
export function testEmailContext(db: Database, changes: Partial<EmailContext> = {}): EmailContext {
  return {
    db,
    tasks: new Tasks("email"),
    clock: systemClock,
    log: silentLog,
    shop: englishShop,
    clients: { user: {} as EmailContext["clients"]["user"] },
    links: new OrderLinks(randomBytes(32), systemClock, 60),
    sender: undefined,
    sendsForeignOrders: false,
    ...changes,
  };
}
