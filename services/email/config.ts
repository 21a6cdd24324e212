import { defineConfig, setting } from "#platform/kit/config.ts";
import { isRecipient } from "./mail.ts";

const from = setting.text({ default: "orders@localhost", doc: "Address that mails come from." });

export const EmailConfig = defineConfig({
  EMAIL_FROM: {
    ...from,
    read: (text: string | undefined) => {
      const address = from.read(text);
      if (!isRecipient(address)) throw new Error("must be one mail address, such as orders@example.com");
      return address;
    },
  },
  EMAIL_RETENTION_DAYS: setting.integer({
    default: 365,
    min: 1,
    max: 36_500,
    doc: "How long mails are kept for admins to read, with the addresses and names in them; those still to be sent are kept until they are.",
  }),
  EMAIL_ORDER_LINK_DAYS: setting.integer({
    default: 60,
    min: 1,
    max: 365,
    doc: "Days for which the link of a mail about an order shows that order without signing in.",
  }),
  EMAIL_FOREIGN_ORDERS: setting.choice(["keep", "send"], {
    default: "keep",
    doc: "Confirmations asked for over the hipstershop contract, where HIPSTERSHOP lets it be answered: keep them unsent, or send them. That contract has no identity, so anyone who reaches its port could have mails sent to anyone: choose send only where the port is closed to the public.",
  }),
});
