import { Type } from "@fastify/type-provider-typebox";
import { PurchaseItem, Quantity } from "./cart.ts";
import { Money } from "./money.ts";
import { Email } from "./user.ts";
import {
  CurrencyCode,
  Id,
  Instant,
  Paging,
  choice,
  listOf,
  nullable,
  nullableText,
  ref,
  strict,
  text,
} from "./shapes.ts";

export const Address = strict(
  {
    fullName: Type.Optional(text(200, 0)),
    line1: text(200),
    line2: Type.Optional(text(312, 0)),
    city: text(128),
    region: Type.Optional(text(128, 0)),
    postalCode: Type.Optional({
      ...text(20, 0),
      description: "As people write it; stored in its official spelling. Not every country has one.",
    } as ReturnType<typeof text>),
    country: Type.String({ pattern: "^[A-Z]{2}$", description: "ISO 3166-1 alpha-2." }),
    countryName: Type.Optional({
      ...text(128),
      description:
        "The country as the buyer wrote it, where it was no code: the address is then taken as it stands, whatever its postal code. `country` is what you make of it, `ZZ` for nothing.",
    } as ReturnType<typeof text>),
  },
  {
    $id: "Address",
    examples: [
      {
        fullName: "Ada Lovelace",
        line1: "12 St James's Square",
        city: "London",
        postalCode: "SW1Y 4JH",
        country: "GB",
      },
    ],
  },
);

const Items = Type.Array(ref(PurchaseItem), {
  minItems: 1,
  maxItems: 100,
  description: "Without it the caller's cart is bought.",
});

const methodCode = (description: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength: 100, description, examples: ["express"] }));

export const ShippingMethod = strict(
  {
    code: Type.String(),
    name: Type.String(),
    cost: ref(Money),
    estimatedDays: Type.Integer({ description: "Working days." }),
  },
  { $id: "ShippingMethod" },
);

export const QuoteRequest = strict(
  {
    shippingAddress: ref(Address),
    email: Type.Optional(Email),
    currencyCode: Type.Optional(CurrencyCode),
    items: Type.Optional(Items),
    shippingMethodCode: methodCode("One of the quote's `shippingMethods`; default: the cheapest."),
  },
  { $id: "QuoteRequest" },
);

export const QuoteItem = strict(
  {
    productId: Id,
    variantId: Id,
    name: Type.String(),
    quantity: Quantity,
    unitPrice: ref(Money),
    subtotal: ref(Money),
  },
  { $id: "QuoteItem" },
);

export const Quote = strict(
  {
    quoteId: Type.String(),
    items: Type.Array(ref(QuoteItem)),
    subtotal: ref(Money),
    discount: ref(Money),
    shippingCost: ref(Money),
    shippingMethods: Type.Array(ref(ShippingMethod), {
      description: "All there are for this address and these goods, cheapest first.",
    }),
    shippingMethodCode: Type.String({ description: "The one that the costs are for." }),
    tax: ref(Money),
    total: ref(Money),
    currencyCode: CurrencyCode,
    expiresAt: Instant,
  },
  { $id: "Quote" },
);

const wholeNumber = { minimum: -2_147_483_648, maximum: 2_147_483_647 };

export const Card = strict(
  {
    number: text(64, 0),
    expiryMonth: Type.Integer(wholeNumber),
    expiryYear: Type.Integer(wholeNumber),
    cvc: text(16, 0),
  },
  { $id: "Card", description: "Checked by the payment service: what cannot be is 422 CARD_INVALID." },
);

export const PaymentMeans = strict(
  {
    type: choice(["card", "session"]),
    card: Type.Optional({ ...ref(Card), description: "With `card`." } as ReturnType<typeof ref<typeof Card>>),
    presentation: Type.Optional(
      choice(["embedded", "redirect"], {
        description:
          "With `session`: where the buyer pays, in the provider's element on your page or on the provider's own page.",
      }),
    ),
  },
  {
    $id: "PaymentMeans",
    description:
      "`card` where the shop takes cards, `session` where buyers pay at the payment provider: GET /api/payments/method tells.",
  },
);

export const PlaceOrder = strict(
  {
    items: Type.Optional(Items),
    email: Type.Optional({ ...Email, description: "Required of guests." } as typeof Email),
    currencyCode: Type.Optional(CurrencyCode),
    shippingAddress: ref(Address),
    payment: ref(PaymentMeans),
    quoteId: Type.Optional(text(100)),
    shippingMethodCode: methodCode("Default: that of the quote; without a quote the cheapest."),
    cartVersion: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        description: "The cart version the form was made for; bought already, it answers with its order.",
      }),
    ),
  },
  {
    $id: "PlaceOrder",
    examples: [
      {
        email: "ada@example.com",
        shippingAddress: {
          line1: "12 St James's Square",
          city: "London",
          postalCode: "SW1Y 4JH",
          country: "GB",
        },
        payment: {
          type: "card",
          card: { number: "4242424242424242", expiryMonth: 12, expiryYear: 2040, cvc: "123" },
        },
      },
    ],
  },
);

export const OrderItem = strict(
  {
    id: Type.String(),
    productId: Type.String(),
    variantId: Type.String(),
    name: Type.String(),
    quantity: Type.Integer(),
    price: ref(Money),
    subtotal: ref(Money),
  },
  { $id: "OrderItem" },
);

export const PaymentAction = strict(
  {
    clientSecret: nullableText(),
    redirectUrl: nullableText(),
    expiresAt: Instant,
  },
  {
    $id: "PaymentAction",
    description:
      "What the buyer must do: open the payment in the provider's script with the client secret, or go to the address. For the buyer only.",
  },
);

export const OrderPayment = strict(
  {
    status: Type.String({
      description:
        "`requires_action` and `processing` of an order that is pending because its payment is; else what became of it.",
    }),
    brand: Type.String(),
    last4: Type.String(),
    action: Type.Optional(ref(PaymentAction)),
  },
  { $id: "OrderPayment" },
);

/** Orders placed over the foreign contract have free-text addresses, so the answer promises less than the request asks. */
export const OrderAddress = strict(
  {
    fullName: Type.Optional(Type.String()),
    line1: Type.String(),
    line2: Type.Optional(Type.String()),
    city: Type.String(),
    region: Type.Optional(Type.String()),
    postalCode: Type.String(),
    country: Type.String(),
  },
  { $id: "OrderAddress" },
);

export const OrderStatus = choice(["pending", "processing", "shipped", "delivered", "cancelled"], {
  $id: "OrderStatus",
});

export const Order = strict(
  {
    id: Id,
    orderNumber: Type.String({ description: "For people." }),
    userId: Type.String(),
    email: Type.String(),
    status: ref(OrderStatus),
    currencyCode: CurrencyCode,
    items: Type.Array(ref(OrderItem)),
    subtotal: ref(Money),
    discount: ref(Money),
    shippingCost: ref(Money),
    tax: ref(Money),
    totalAmount: ref(Money),
    refundedAmount: { ...ref(Money), description: "What was given back." } as ReturnType<
      typeof ref<typeof Money>
    >,
    netAmount: { ...ref(Money), description: "What remains of the total after it." } as ReturnType<
      typeof ref<typeof Money>
    >,
    shippingAddress: ref(OrderAddress),
    shippingMethod: nullable(
      strict({ code: Type.String(), name: Type.String({ description: "For people." }) }),
    ),
    trackingNumber: nullableText(),
    payment: nullable(ref(OrderPayment)),
    createdAt: Instant,
    updatedAt: Instant,
  },
  { $id: "Order" },
);
export const OrderList = listOf(Order);

export const OrderLookUp = strict(
  { orderNumber: text(64), email: Email },
  { $id: "OrderLookUp", examples: [{ orderNumber: "S-7K3M9TQ2XA", email: "ada@example.com" }] },
);

export const OrderAccess = strict({ access: text(64) }, { $id: "OrderAccess" });

export const OrderQuery = strict({
  ...Paging,
  status: Type.Optional(choice(["pending", "processing", "shipped", "delivered", "cancelled"])),
  userId: Type.Optional(Type.String({ maxLength: 100, description: "Admins only; others see their own." })),
  email: Type.Optional(Type.String({ maxLength: 254, description: "Admins only." })),
  createdFrom: Type.Optional(Type.String({ format: "date-time", maxLength: 40 })),
  createdUntil: Type.Optional(Type.String({ format: "date-time", maxLength: 40 })),
});

export const StatusChange = strict(
  { status: ref(OrderStatus), reason: Type.Optional(text(500, 0)) },
  { $id: "StatusChange", examples: [{ status: "shipped" }] },
);

export const RefundRequest = strict(
  {
    amount: Type.Optional({ ...ref(Money), description: "In the order's currency." } as ReturnType<
      typeof ref<typeof Money>
    >),
    full: Type.Optional(Type.Boolean({ description: "In place of an amount: all that is left." })),
    reason: Type.Optional(text(500, 0)),
    refundId: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: "Names the refund; a repeat answers what the first did.",
      }),
    ),
  },
  {
    $id: "RefundRequest",
    examples: [
      { amount: { amount: "5.00", currencyCode: "USD" }, reason: "A scratch." },
      { full: true, reason: "It never arrived." },
    ],
  },
);

export const Refund = strict(
  {
    id: Type.String(),
    orderId: Id,
    amount: ref(Money),
    reason: Type.String(),
    status: choice(["pending", "done", "refused"]),
    actor: Type.String({
      description: "Who gave it: a user's id, or a service; `payment` is the payment provider.",
    }),
    createdAt: Instant,
    order: Type.Optional(ref(Order)),
  },
  { $id: "Refund" },
);
export const RefundList = listOf(Refund);

export const ShippingQuoteRequest = strict(
  {
    shippingAddress: ref(Address),
    items: Type.Array(ref(PurchaseItem), { minItems: 1, maxItems: 100 }),
    currencyCode: Type.Optional(CurrencyCode),
  },
  {
    $id: "ShippingQuoteRequest",
    examples: [
      {
        shippingAddress: {
          line1: "12 St James's Square",
          city: "London",
          postalCode: "SW1Y 4JH",
          country: "GB",
        },
        items: [{ productId: "OLJCESPC7Z", quantity: 1 }],
      },
    ],
  },
);

export const ShippingQuote = strict({ methods: Type.Array(ref(ShippingMethod)) }, { $id: "ShippingQuote" });

export const Tracking = strict(
  {
    trackingNumber: Type.String(),
    status: Type.String({ description: "label_created, in_transit, delivered or cancelled." }),
    methodName: Type.String(),
    country: Type.String(),
    estimatedDeliveryOn: nullableText({ format: "date" }),
    events: Type.Array(strict({ status: Type.String(), at: Instant }), { description: "Oldest first." }),
  },
  { $id: "Tracking" },
);
