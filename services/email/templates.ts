// What each mail says; its words stand in the message files.
import type { Money } from "#platform/kit/money.ts";
import { layOut } from "./layout.ts";
import type { MailContent } from "./mail.ts";
import type { MailOrder } from "./mail-order.ts";
import { moneyText, type MailShop } from "./mail-shop.ts";

/** What a template may say beside the order. */
export interface Occasion {
  readonly refunded: Money | undefined;
  readonly reason: string;
}

export type Template = (order: MailOrder, shop: MailShop, occasion: Occasion) => MailContent;

const placed: Template = (order, shop) => {
  const { words, name } = shop;
  const { number, trackingNumber } = order;
  const tracking = trackingNumber ? [words.text("placed.tracking", { trackingNumber })] : [];
  return layOut(
    {
      subject: words.text("placed.subject", { number, shop: name }),
      heading: words.text("placed.heading"),
      paragraphs: [words.text("placed.text", { number }), ...tracking],
      hasDetails: true,
    },
    order,
    shop,
  );
};

const shipped: Template = (order, shop) => {
  const { words } = shop;
  const { number, trackingNumber } = order;
  const tracking = trackingNumber ? [words.text("shipped.tracking", { trackingNumber })] : [];
  return layOut(
    {
      subject: words.text("shipped.subject", { number }),
      heading: words.text("shipped.heading"),
      paragraphs: [words.text("shipped.text", { number }), ...tracking],
      hasDetails: true,
    },
    order,
    shop,
  );
};

const delivered: Template = (order, shop) => {
  const { words } = shop;
  const { number } = order;
  return layOut(
    {
      subject: words.text("delivered.subject", { number }),
      heading: words.text("delivered.heading"),
      paragraphs: [words.text("delivered.text", { number })],
      hasDetails: false,
    },
    order,
    shop,
  );
};

const cancelled: Template = (order, shop) => {
  const { words } = shop;
  const { number, owed } = order;
  const text = owed
    ? words.text("cancelled.money", { number, amount: moneyText(shop, owed) })
    : words.text("cancelled.text", { number });
  return layOut(
    {
      subject: words.text("cancelled.subject", { number }),
      heading: words.text("cancelled.heading"),
      paragraphs: [text],
      hasDetails: true,
    },
    order,
    shop,
  );
};

const lookedUp: Template = (order, shop) => {
  const { words } = shop;
  const { number } = order;
  return layOut(
    {
      subject: words.text("lookedUp.subject", { number }),
      heading: words.text("lookedUp.heading"),
      paragraphs: [words.text("lookedUp.text", { number }), words.text("lookedUp.notYou")],
      hasDetails: false,
    },
    order,
    shop,
  );
};

const refunded: Template = (order, shop, { refunded: amount, reason }) => {
  const { words } = shop;
  const { number, refund } = order;
  const inAll = refund && {
    total: moneyText(shop, refund.total),
    refunded: moneyText(shop, refund.refunded),
    net: moneyText(shop, refund.net),
  };
  const sentence = amount
    ? words.text("refunded.text", { number, amount: moneyText(shop, amount) })
    : words.text("refunded.textWithoutAmount", { number });
  return layOut(
    {
      subject: words.text("refunded.subject", { number }),
      heading: words.text("refunded.heading"),
      paragraphs: [
        sentence,
        ...(inAll ? [words.text("refunded.inAll", inAll)] : []),
        ...(reason ? [words.text("refunded.reason", { reason })] : []),
      ],
      hasDetails: false,
    },
    order,
    shop,
  );
};

export const templates = {
  "order-confirmation": placed,
  "order-shipped": shipped,
  "order-delivered": delivered,
  "order-cancelled": cancelled,
  "order-refunded": refunded,
  "order-link": lookedUp,
  // A name of its own, so that a foreign order can never take the place of one of ours.
  "foreign-order-confirmation": placed,
} as const satisfies { readonly [name: string]: Template };

export type TemplateName = keyof typeof templates;
