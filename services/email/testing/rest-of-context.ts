import { randomBytes } from "node:crypto";
import { systemClock } from "#platform/kit/clock.ts";
import type { EmailContext } from "../context.ts";
import { OrderLinks } from "../order-links.ts";

/** What tests of mails about orders do not look at: nobody is asked about accounts, and links are signed with a key of the moment. */
export const restOfContext: Pick<EmailContext, "clock" | "clients" | "links"> = {
  clock: systemClock,
  clients: { user: {} as EmailContext["clients"]["user"] },
  links: new OrderLinks(randomBytes(32), systemClock, 60),
};
