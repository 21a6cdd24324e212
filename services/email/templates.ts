// The words of each mail.
import type { Money } from "#platform/kit/money.ts";
import { layOut, type MailShop } from "./layout.ts";
import type { MailContent } from "./mail.ts";
import { formatMoney, type MailOrder } from "./mail-order.ts";

/** What a template may say beside the order. */
export interface Occasion {
  readonly refunded: Money | undefined;
  readonly reason: string;
}

export type Template = (order: MailOrder, shop: MailShop, occasion: Occasion) => MailContent;

const placed: Template = (order, shop) => {
  const tracking = order.trackingNumber ? [`Its tracking number is ${order.trackingNumber}.`] : [];
  return layOut(
    {
      subject: `Your order ${order.number} at ${shop.name}`,
      heading: "Thank you for your order",
      paragraphs: [`We have your order ${order.number} and are getting it ready.`, ...tracking],
      hasDetails: true,
    },
    order,
    shop,
  );
};

const shipped: Template = (order, shop) => {
  const tracking = order.trackingNumber
    ? [`Follow it with the tracking number ${order.trackingNumber}.`]
    : [];
  return layOut(
    {
      subject: `Your order ${order.number} is on its way`,
      heading: "Your parcel is on its way",
      paragraphs: [`We have handed order ${order.number} to the carrier.`, ...tracking],
      hasDetails: true,
    },
    order,
    shop,
  );
};

const delivered: Template = (order, shop) =>
  layOut(
    {
      subject: `Your order ${order.number} has arrived`,
      heading: "Your parcel has arrived",
      paragraphs: [`The carrier says that order ${order.number} was delivered. We hope you like it.`],
      hasDetails: false,
    },
    order,
    shop,
  );

const cancelled: Template = (order, shop) =>
  layOut(
    {
      subject: `Your order ${order.number} was cancelled`,
      heading: "Your order was cancelled",
      paragraphs: [
        `Order ${order.number} will not be sent. If you have paid for it, the money goes back to your card.`,
      ],
      hasDetails: true,
    },
    order,
    shop,
  );

const refunded: Template = (order, shop, { refunded: amount, reason }) => {
  const sum = amount ? formatMoney(amount) : "your money";
  return layOut(
    {
      subject: `Your refund for order ${order.number}`,
      heading: "Your refund is on its way",
      paragraphs: [
        `We are sending ${sum} for order ${order.number} back to your card. Banks take a few days to show it.`,
        ...(reason ? [`The reason we noted: ${reason}`] : []),
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
  // A name of its own, so that a foreign order can never take the place of one of ours.
  "foreign-order-confirmation": placed,
} as const satisfies { readonly [name: string]: Template };

export type TemplateName = keyof typeof templates;
