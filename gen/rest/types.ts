// Written by npm run gen from the OpenAPI document of the gateway. Do not edit.

/** The same whatever becomes of it: what it tells, only a mail does. */
export interface Accepted { readonly [name: string]: unknown }

export interface ApiIndex {
  readonly name: string;
  /** Of the API. */
  readonly version: string;
  readonly links: {
    /** A path of this origin; {userId} may be `me`. */
    readonly docs: string;
    /** A path of this origin; {userId} may be `me`. */
    readonly openapi: string;
    /** A path of this origin; {userId} may be `me`. */
    readonly health: string;
    /** A path of this origin; {userId} may be `me`. */
    readonly jwks: string;
  };
  readonly resources: {
    readonly [name: string]: string;
  };
  readonly signIn: {
    /** A path of this origin; {userId} may be `me`. */
    readonly register: string;
    /** A path of this origin; {userId} may be `me`. */
    readonly login: string;
    /** A path of this origin; {userId} may be `me`. */
    readonly guest: string;
  };
}

export interface Health {
  readonly status: "ok" | "degraded" | "down";
  readonly services: {
    readonly [name: string]: "up" | "degraded" | "down";
  };
  /** Each service, with what it lacks and whether the gateway still asks it. */
  readonly details: readonly ({
    readonly service: string;
    readonly status: "up" | "degraded" | "down";
    /** Sentences: what it has to do without. */
    readonly lacks: readonly string[];
    /** How long ago it was looked at. */
    readonly ageMs: number;
    readonly breaker: "closed" | "half-open" | "open";
  })[];
}

/** RFC 9457. Some codes add members of their own, such as `lines` or `quote`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** A full sentence for the caller. */
  readonly detail: string;
  /** Stable, for programs. */
  readonly code: string;
  /** Name it when you ask us about this answer. */
  readonly requestId: string;
  readonly errors?: readonly ({
    readonly path: string;
    readonly message: string;
  })[] | undefined;
}

export interface Cart {
  readonly userId: string;
  /** Grows with every change. */
  readonly version: number;
  readonly items: readonly CartItem[];
  readonly subtotal: Money;
  readonly expiresAt: string | null;
  /** Only in an empty cart: the store of carts has lost what was in it (`CARTS_LOST`, at this time), perhaps also what was in this one. */
  readonly notice?: {
    readonly reason: "CARTS_LOST";
    readonly message: string;
    readonly at: string;
  } | undefined;
}

export interface CartCount {
  /** Pieces in the cart. */
  readonly count: number;
  readonly version: number;
}

export interface CartItem {
  readonly productId: string;
  readonly variantId: string;
  readonly name: string;
  readonly imageUrl: string;
  readonly quantity: number;
  readonly unitPrice: Money;
  readonly subtotal: Money;
  /** How many of it are there, for everybody. */
  readonly availableQuantity: number;
  /** `short`: less is there than the cart holds. `gone`: it is sold no more; it costs nothing, and nothing can be ordered until it is taken out. */
  readonly availability: "available" | "short" | "gone";
}

export interface PurchaseItem {
  /** Id, code or slug. */
  readonly productId: string;
  /** Default: the first variant on sale. */
  readonly variantId?: string | undefined;
  readonly quantity: number;
}

export interface QuantityChange {
  /** 0 takes the item out. */
  readonly quantity: number;
  readonly variantId?: string | undefined;
}

export interface Category {
  readonly id: string;
  readonly parentId: string | null;
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  /** The smaller one stands first among those with one parent. */
  readonly position: number;
  /** Products in it and below it. */
  readonly productCount: number;
  readonly children: readonly Category[];
}

export interface CategoryChange {
  readonly name?: string | undefined;
  /** Small letters and digits of any script, with single hyphens. */
  readonly slug?: string | undefined;
  /** Id or slug of the category above; null is the top. */
  readonly parentId?: string | null | undefined;
  /** The smaller one stands first among those with one parent. Default: last. */
  readonly position?: number | undefined;
  readonly description?: string | undefined;
}

export interface CategoryList {
  readonly items: readonly Category[];
  /** Send it as `cursor` to get the next page; null on the last. */
  readonly nextCursor: string | null;
  /** Of all pages. */
  readonly total: number;
}

export interface CategoryWrite {
  readonly name: string;
  /** Small letters and digits of any script, with single hyphens. */
  readonly slug?: string | undefined;
  /** Id or slug of the category above; null is the top. */
  readonly parentId?: string | null | undefined;
  /** The smaller one stands first among those with one parent. Default: last. */
  readonly position?: number | undefined;
  readonly description?: string | undefined;
}

export interface CurrencyFigures {
  /** ISO 4217. */
  readonly currencyCode: string;
  /** Placed and confirmed; those cancelled later are among them. */
  readonly orders: number;
  readonly revenue: Money;
  /** Of these orders, those that are cancelled now. */
  readonly cancelled: number;
  /** Amounts given back in this time, whenever the order was placed. */
  readonly refunds: number;
  readonly refunded: Money;
}

/** What was sold and given back from one moment to another. */
export interface Figures {
  /** RFC 3339, UTC. */
  readonly from: string;
  /** RFC 3339, UTC. */
  readonly until: string;
  readonly currencies: readonly CurrencyFigures[];
}

export interface StoredFile {
  /** Where everybody finds it, below the address of the shop. */
  readonly url: string;
  /** SHA-256 of the bytes in hexadecimal, and an ending. */
  readonly name: string;
  readonly mediaType: string;
  /** In bytes. */
  readonly size: number;
}

export interface Flag {
  readonly name: string;
  /** boolean, number, string or object. */
  readonly type: string;
  /** true, false, a number, a text, or JSON; of the flag's type. */
  readonly value: unknown;
  /** switch, file or settings; the first that says something counts. */
  readonly source: string;
  readonly unswitched: {
    /** true, false, a number, a text, or JSON; of the flag's type. */
    readonly value: unknown;
    /** switch, file or settings; the first that says something counts. */
    readonly source: string;
  };
  readonly switch: FlagSwitch | null;
}

export interface FlagChange {
  /** true, false, a number, a text, or JSON; of the flag's type. */
  readonly value: unknown;
  /** Part of the users who get the value; the same ones each time. */
  readonly share?: number | undefined;
  /** Why; whoever comes later reads it. */
  readonly reason: string;
}

export interface FlagList {
  readonly items: readonly Flag[];
  readonly faults: {
    /** Whether the shop runs with FAULT_INJECTION=allowed. */
    readonly isAllowed: boolean;
    readonly switch: FlagSwitch | null;
  };
}

export interface FlagSwitch {
  readonly name: string;
  /** true, false, a number, a text, or JSON; of the flag's type. */
  readonly value: unknown;
  /** Part of the users who get the value; the same ones each time. */
  readonly share: number;
  readonly reason: string;
  readonly by: string;
  /** RFC 3339, UTC. */
  readonly at: string;
}

export interface SwitchList {
  readonly items: readonly FlagSwitch[];
}

export interface FullMail {
  readonly id: string;
  readonly orderId: string | null;
  readonly template: string;
  readonly recipient: string;
  readonly subject: string;
  /** queued, sent, kept or failed. */
  readonly status: string;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  readonly sentAt: string | null;
  readonly html: string;
  readonly text: string;
}

export interface Mail {
  readonly id: string;
  readonly orderId: string | null;
  readonly template: string;
  readonly recipient: string;
  readonly subject: string;
  /** queued, sent, kept or failed. */
  readonly status: string;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  readonly sentAt: string | null;
}

export interface MailDelivery {
  readonly isSent: boolean;
}

export interface MailList {
  readonly items: readonly Mail[];
  /** Send it as `cursor` to get the next page; null on the last. */
  readonly nextCursor: string | null;
  /** Of all pages. */
  readonly total: number;
}

/** The converted amount, and what it was made from. */
export interface Conversion {
  readonly amount: string;
  /** ISO 4217. */
  readonly currencyCode: string;
  readonly from: Money;
  readonly rates: Rates;
}

export interface Currency {
  /** ISO 4217. */
  readonly code: string;
  readonly decimals: number;
  /** Units of it for one EUR, as a decimal string; absent where the shop's rates do not tell. */
  readonly unitsPerEuro?: string | undefined;
}

export interface CurrencyList {
  readonly items: readonly Currency[];
  /** Send it as `cursor` to get the next page; null on the last. */
  readonly nextCursor: string | null;
  /** Of all pages. */
  readonly total: number;
}

/** An exact amount as a decimal string, with as many decimals as the currency has. */
export interface Money {
  readonly amount: string;
  /** ISO 4217. */
  readonly currencyCode: string;
}

/** The set of exchange rates that was used. */
export interface Rates {
  readonly id: string;
  readonly provider: string;
  /** RFC 3339, UTC. */
  readonly asOf: string;
  /** The provider has not been heard for longer than it should. */
  readonly stale: boolean;
}

export interface Address {
  readonly fullName?: string | undefined;
  readonly line1: string;
  readonly line2?: string | undefined;
  readonly city: string;
  readonly region?: string | undefined;
  /** As people write it; stored in its official spelling. Not every country has one. */
  readonly postalCode?: string | undefined;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** The country as the buyer wrote it, where it was no code: the address is then taken as it stands, whatever its postal code. `country` is what you make of it, `ZZ` for nothing. */
  readonly countryName?: string | undefined;
}

/** Checked by the payment service: what cannot be is 422 CARD_INVALID. */
export interface Card {
  readonly number: string;
  readonly expiryMonth: number;
  readonly expiryYear: number;
  readonly cvc: string;
}

export interface Order {
  readonly id: string;
  /** For people. */
  readonly orderNumber: string;
  readonly userId: string;
  readonly email: string;
  readonly status: OrderStatus;
  /** ISO 4217. */
  readonly currencyCode: string;
  readonly items: readonly OrderItem[];
  readonly subtotal: Money;
  readonly discount: Money;
  readonly shippingCost: Money;
  readonly tax: Money;
  readonly totalAmount: Money;
  /** What was given back. */
  readonly refundedAmount: Money;
  /** What remains of the total after it. */
  readonly netAmount: Money;
  readonly shippingAddress: OrderAddress;
  readonly shippingMethod: {
    readonly code: string;
    /** For people. */
    readonly name: string;
  } | null;
  readonly trackingNumber: string | null;
  readonly payment: OrderPayment | null;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  /** RFC 3339, UTC. */
  readonly updatedAt: string;
}

export interface OrderAccess {
  readonly access: string;
}

export interface OrderAddress {
  readonly fullName?: string | undefined;
  readonly line1: string;
  readonly line2?: string | undefined;
  readonly city: string;
  readonly region?: string | undefined;
  readonly postalCode: string;
  readonly country: string;
}

export interface OrderItem {
  readonly id: string;
  readonly productId: string;
  readonly variantId: string;
  readonly name: string;
  readonly quantity: number;
  readonly price: Money;
  readonly subtotal: Money;
}

export interface OrderList {
  readonly items: readonly Order[];
  /** Send it as `cursor` to get the next page; null on the last. */
  readonly nextCursor: string | null;
  /** Of all pages. */
  readonly total: number;
}

export interface OrderLookUp {
  readonly orderNumber: string;
  readonly email: string;
}

export interface OrderPayment {
  /** `requires_action` and `processing` of an order that is pending because its payment is; else what became of it. */
  readonly status: string;
  readonly brand: string;
  readonly last4: string;
  readonly action?: PaymentAction | undefined;
}

export type OrderStatus = "pending" | "processing" | "shipped" | "delivered" | "cancelled";

/** What the buyer must do: open the payment in the provider's script with the client secret, or go to the address. For the buyer only. */
export interface PaymentAction {
  readonly clientSecret: string | null;
  readonly redirectUrl: string | null;
  /** RFC 3339, UTC. */
  readonly expiresAt: string;
}

/** `card` where the shop takes cards, `session` where buyers pay at the payment provider: GET /api/payments/method tells. */
export interface PaymentMeans {
  readonly type: "card" | "session";
  /** With `card`. */
  readonly card?: Card | undefined;
  /** With `session`: where the buyer pays, in the provider's element on your page or on the provider's own page. */
  readonly presentation?: "embedded" | "redirect" | undefined;
}

export interface PlaceOrder {
  /** Without it the caller's cart is bought. */
  readonly items?: readonly PurchaseItem[] | undefined;
  /** Required of guests. */
  readonly email?: string | undefined;
  /** ISO 4217. */
  readonly currencyCode?: string | undefined;
  readonly shippingAddress: Address;
  readonly payment: PaymentMeans;
  readonly quoteId?: string | undefined;
  /** Default: that of the quote; without a quote the cheapest. */
  readonly shippingMethodCode?: string | undefined;
  /** The cart version the form was made for; bought already, it answers with its order. */
  readonly cartVersion?: number | undefined;
}

export interface Quote {
  readonly quoteId: string;
  readonly items: readonly QuoteItem[];
  readonly subtotal: Money;
  readonly discount: Money;
  readonly shippingCost: Money;
  /** All there are for this address and these goods, cheapest first. */
  readonly shippingMethods: readonly ShippingMethod[];
  /** The one that the costs are for. */
  readonly shippingMethodCode: string;
  readonly tax: Money;
  readonly total: Money;
  /** ISO 4217. */
  readonly currencyCode: string;
  /** RFC 3339, UTC. */
  readonly expiresAt: string;
}

export interface QuoteItem {
  readonly productId: string;
  readonly variantId: string;
  readonly name: string;
  readonly quantity: number;
  readonly unitPrice: Money;
  readonly subtotal: Money;
}

export interface QuoteRequest {
  readonly shippingAddress: Address;
  readonly email?: string | undefined;
  /** ISO 4217. */
  readonly currencyCode?: string | undefined;
  /** Without it the caller's cart is bought. */
  readonly items?: readonly PurchaseItem[] | undefined;
  /** One of the quote's `shippingMethods`; default: the cheapest. */
  readonly shippingMethodCode?: string | undefined;
}

export interface Refund {
  readonly id: string;
  readonly orderId: string;
  readonly amount: Money;
  readonly reason: string;
  readonly status: "pending" | "done" | "refused";
  /** Who gave it: a user's id, or a service; `payment` is the payment provider. */
  readonly actor: string;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  readonly order?: Order | undefined;
}

export interface RefundList {
  readonly items: readonly Refund[];
  /** Send it as `cursor` to get the next page; null on the last. */
  readonly nextCursor: string | null;
  /** Of all pages. */
  readonly total: number;
}

export interface RefundRequest {
  /** In the order's currency. */
  readonly amount?: Money | undefined;
  /** In place of an amount: all that is left. */
  readonly full?: boolean | undefined;
  readonly reason?: string | undefined;
  /** Names the refund; a repeat answers what the first did. */
  readonly refundId?: string | undefined;
}

export interface ShippingMethod {
  readonly code: string;
  readonly name: string;
  readonly cost: Money;
  /** Working days. */
  readonly estimatedDays: number;
}

export interface ShippingQuote {
  readonly methods: readonly ShippingMethod[];
}

export interface ShippingQuoteRequest {
  readonly shippingAddress: Address;
  readonly items: readonly PurchaseItem[];
  /** ISO 4217. */
  readonly currencyCode?: string | undefined;
}

export interface StatusChange {
  readonly status: OrderStatus;
  readonly reason?: string | undefined;
}

export interface Tracking {
  readonly trackingNumber: string;
  /** label_created, in_transit, delivered or cancelled. */
  readonly status: string;
  readonly methodName: string;
  readonly country: string;
  readonly estimatedDeliveryOn: string | null;
  /** Oldest first. */
  readonly events: readonly ({
    readonly status: string;
    /** RFC 3339, UTC. */
    readonly at: string;
  })[];
}

/** `card`: POST /api/orders takes a card. `session`: it begins a payment at the provider, in one of the presentations; the publishable key opens the provider's script. */
export interface PaymentMethod {
  /** Name of the payment provider. */
  readonly provider: string;
  readonly takes: "card" | "session";
  readonly presentations: readonly ("embedded" | "redirect")[];
  readonly publishableKey: string | null;
}

/** Further fields are allowed and not looked at; `type` says what changed. */
export interface ProviderCallback {
  readonly id: string;
  readonly type: string;
  readonly paymentId: string;
}

export interface Facet {
  /** category, or attributes.<name>. */
  readonly name: string;
  readonly values: readonly ({
    readonly value: string;
    readonly count: number;
  })[];
}

export interface Product {
  readonly id: string;
  /** Ten upper-case letters and digits. */
  readonly code: string;
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly price: Money;
  /** Slug of the primary category. */
  readonly category: string;
  readonly categories: readonly string[];
  readonly imageUrl: string;
  /** On hand minus reserved, over all variants. */
  readonly stockQuantity: number;
  /** Free-form facts by name. */
  readonly attributes: {
    readonly [name: string]: unknown;
  };
  readonly variants: readonly Variant[];
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  /** RFC 3339, UTC. */
  readonly updatedAt: string;
}

/** What is absent stays as it is, null empties. A product as it was answered is an edit that changes nothing. */
export interface ProductEdit {
  readonly name?: string | undefined;
  readonly description?: string | null | undefined;
  readonly price?: {
    readonly amount?: string | undefined;
    /** ISO 4217. */
    readonly currencyCode?: string | undefined;
  } | undefined;
  readonly category?: string | undefined;
  readonly categories?: readonly string[] | null | undefined;
  readonly imageUrl?: string | null | undefined;
  readonly code?: string | undefined;
  /** null: made from the name. */
  readonly slug?: string | null | undefined;
  /** Free-form facts by name. */
  readonly attributes?: {
    readonly [name: string]: unknown;
  } | null | undefined;
  /** All there shall be, in their order: those left out are retired for good. */
  readonly variants?: readonly VariantEdit[] | undefined;
  /** Read only: ignored here. */
  readonly id?: unknown | undefined;
  /** Read only: ignored here. */
  readonly stockQuantity?: unknown | undefined;
  /** Read only: ignored here. */
  readonly createdAt?: unknown | undefined;
  /** Read only: ignored here. */
  readonly updatedAt?: unknown | undefined;
}

export interface ProductList {
  readonly items: readonly Product[];
  /** Send it as `cursor` to get the next page; null on the last. */
  readonly nextCursor: string | null;
  /** Of all pages. */
  readonly total: number;
  readonly facets?: readonly Facet[] | undefined;
}

export interface ProductWrite {
  readonly name: string;
  readonly description: string;
  readonly price: Money;
  readonly category: string;
  readonly categories?: readonly string[] | undefined;
  readonly imageUrl?: string | undefined;
  readonly stockQuantity?: number | undefined;
  readonly code?: string | undefined;
  /** Small letters and digits of any script, with single hyphens. */
  readonly slug?: string | undefined;
  /** Free-form facts by name. */
  readonly attributes?: {
    readonly [name: string]: unknown;
  } | undefined;
  readonly variants?: readonly VariantWrite[] | undefined;
}

export type StockChange = {
  /** Default: the first variant on sale. */
  readonly variantId?: string | undefined;
  /** Why, for the stock ledger. */
  readonly reason: string;
} & ({
  /** New stock on hand. */
  readonly set: number;
} | {
  /** Added to stock on hand. */
  readonly adjust: number;
});

export interface Variant {
  readonly id: string;
  readonly sku: string;
  readonly options: {
    readonly [name: string]: string;
  };
  readonly price: Money;
  readonly stockQuantity: number;
}

export interface VariantEdit {
  /** Which variant it is. Without, the one of the SKU, else a new one. */
  readonly id?: string | null | undefined;
  readonly sku?: string | undefined;
  readonly options?: {
    readonly [name: string]: string;
  } | null | undefined;
  /** null: the product's price. */
  readonly price?: {
    readonly amount?: string | undefined;
    /** ISO 4217. */
    readonly currencyCode?: string | undefined;
  } | null | undefined;
  /** Opens the stock of a new variant; else ignored. */
  readonly stockQuantity?: number | null | undefined;
}

export interface VariantWrite {
  readonly sku: string;
  readonly options: {
    readonly [name: string]: string;
  };
  readonly price?: Money | undefined;
  readonly stockQuantity?: number | undefined;
}

export interface Ad {
  readonly id: string;
  readonly redirectUrl: string;
  readonly text: string;
  readonly imageUrl: string;
}

export interface AdClick {
  readonly redirectUrl: string;
}

export interface AdList {
  readonly items: readonly Ad[];
  /** Send it as `cursor` to get the next page; null on the last. */
  readonly nextCursor: string | null;
  /** Of all pages. */
  readonly total: number;
}

export interface RecommendationList {
  readonly items: readonly Product[];
  /** Send it as `cursor` to get the next page; null on the last. */
  readonly nextCursor: string | null;
  /** Of all pages. */
  readonly total: number;
}

/** The account; after a change of password also the session that goes on, as all others ended. */
export interface ChangedUser {
  readonly id: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly role: "customer" | "admin" | "guest";
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  /** RFC 3339, UTC. */
  readonly updatedAt: string;
  /** Send it as `Authorization: Bearer …`. */
  readonly token?: string | undefined;
  /** RFC 3339, UTC. */
  readonly expiresAt?: string | undefined;
  /** Good for one new pair; keep it secret. */
  readonly refreshToken?: string | undefined;
}

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** An actor without an account; it lives as long as a cart. */
export interface Guest {
  readonly userId: string;
  /** Send it as `Authorization: Bearer …`. */
  readonly token: string;
  /** RFC 3339, UTC. */
  readonly expiresAt: string;
}

export interface LeftItem {
  readonly productId: string;
  readonly variantId: string;
  readonly name: string;
  readonly quantity: number;
  /** `lines`: the account's cart is full; `quantity`: it holds 99 of this already. */
  readonly limit: "lines" | "quantity";
}

export interface PasswordReset {
  readonly token: string;
  readonly password: string;
}

export interface PasswordResetAsk {
  readonly email: string;
}

/** Only what is named changes. A new email or password wants the current password. */
export interface ProfileChange {
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  readonly email?: string | undefined;
  readonly password?: string | undefined;
  readonly currentPassword?: string | undefined;
}

export interface RefreshRequest {
  readonly refreshToken: string;
}

export interface Registration {
  readonly email: string;
  readonly password: string;
  readonly firstName: string;
  readonly lastName: string;
}

export interface Session {
  readonly user: User;
  /** Send it as `Authorization: Bearer …`. */
  readonly token: string;
  /** RFC 3339, UTC. */
  readonly expiresAt: string;
  /** Good for one new pair; keep it secret. */
  readonly refreshToken: string;
  /** After a sign-in with a guest's token: what did not fit into the account's cart. It stays in the guest's; another sign-in with that token tries again. */
  readonly cartLeftWithGuest?: readonly LeftItem[] | undefined;
}

export interface StorefrontGuest {
  readonly sessionKey?: string | undefined;
}

export interface User {
  readonly id: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly role: "customer" | "admin" | "guest";
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  /** RFC 3339, UTC. */
  readonly updatedAt: string;
}

/** All operations by name. */
export interface Operations {
  /** Open an account. */
  readonly registerUser: {
    readonly request: {
      readonly body: Registration;
    };
    readonly answer: Session;
    readonly code: "EMAIL_TAKEN" | "RATE_LIMITED" | "SIGN_IN_BUSY";
  };
  /** Sign in. */
  readonly loginUser: {
    readonly request: {
      readonly body: Credentials;
    };
    readonly answer: Session;
    readonly code: "CREDENTIALS_INVALID" | "RATE_LIMITED" | "SIGN_IN_BUSY";
  };
  /** Get a token without an account, or a new one for the same guest. */
  readonly createGuest: {
    readonly request: {
      readonly body?: StorefrontGuest | undefined;
    };
    readonly answer: Guest;
    readonly code: "SERVICE_REQUIRED";
  };
  /** Exchange a refresh token for a new pair. */
  readonly refreshSession: {
    readonly request: {
      readonly body: RefreshRequest;
    };
    readonly answer: Session;
    readonly code: "REFRESH_TOKEN_INVALID";
  };
  /** Sign out. */
  readonly logoutUser: {
    readonly request: { readonly body?: undefined };
    readonly answer: void;
    readonly code: never;
  };
  /** Show the caller's account. */
  readonly getProfile: {
    readonly request: { readonly body?: undefined };
    readonly answer: User;
    readonly code: never;
  };
  /** Change the caller's account. */
  readonly changeProfile: {
    readonly request: {
      readonly body: ProfileChange;
    };
    readonly answer: ChangedUser;
    readonly code: "ACCOUNT_REQUIRED" | "CURRENT_PASSWORD_WRONG" | "EMAIL_TAKEN" | "RATE_LIMITED" | "SIGN_IN_BUSY";
  };
  /** Have a mail sent with which a new password can be chosen. */
  readonly askPasswordReset: {
    readonly request: {
      readonly body: PasswordResetAsk;
    };
    readonly answer: Accepted;
    readonly code: "RATE_LIMITED";
  };
  /** Choose a new password with what the mail said. */
  readonly confirmPasswordReset: {
    readonly request: {
      readonly body: PasswordReset;
    };
    readonly answer: void;
    readonly code: "RESET_TOKEN_INVALID" | "SIGN_IN_BUSY";
  };
  /** List products. */
  readonly listProducts: {
    readonly request: {
      readonly query?: {
        readonly limit?: number | undefined;
        /** `nextCursor` of the page before. */
        readonly cursor?: string | undefined;
        /** Search words. */
        readonly q?: string | undefined;
        /** Slug; products of its descendants count too. */
        readonly category?: string | undefined;
        /** In `currency`. */
        readonly minPrice?: string | undefined;
        /** In `currency`. */
        readonly maxPrice?: string | undefined;
        readonly inStock?: boolean | undefined;
        /** Default: relevance with `q`, else newest. */
        readonly sort?: "name" | "-name" | "price" | "-price" | "newest" | "relevance" | undefined;
        /** Shows prices in this currency. Default: the base currency of the shop. */
        readonly currency?: string | undefined;
        /** Adds what the list can be narrowed by. */
        readonly facets?: boolean | undefined;
        readonly [name: `attributes.${string}`]: string | undefined;
      } | undefined;
    };
    readonly answer: ProductList;
    readonly code: "CURRENCY_UNKNOWN";
  };
  /** Create a product. */
  readonly createProduct: {
    readonly request: {
      readonly body: ProductWrite;
      /** Yours to choose, for one request: sent again with the same key it is not done again and gets the same answer, byte for byte, for thirty days. Printable ASCII. */
      readonly idempotencyKey?: string | undefined;
    };
    readonly answer: Product;
    readonly code: "PRODUCT_CODE_TAKEN" | "PRODUCT_SLUG_TAKEN" | "SKU_TAKEN" | "REQUEST_IN_PROGRESS" | "IDEMPOTENCY_KEY_REUSED";
  };
  /** Search products. */
  readonly searchProducts: {
    readonly request: {
      readonly query: {
        readonly limit?: number | undefined;
        /** `nextCursor` of the page before. */
        readonly cursor?: string | undefined;
        /** Search words. */
        readonly q: string;
        /** Slug; products of its descendants count too. */
        readonly category?: string | undefined;
        /** In `currency`. */
        readonly minPrice?: string | undefined;
        /** In `currency`. */
        readonly maxPrice?: string | undefined;
        readonly inStock?: boolean | undefined;
        /** Default: relevance with `q`, else newest. */
        readonly sort?: "name" | "-name" | "price" | "-price" | "newest" | "relevance" | undefined;
        /** Shows prices in this currency. Default: the base currency of the shop. */
        readonly currency?: string | undefined;
        /** Adds what the list can be narrowed by. */
        readonly facets?: boolean | undefined;
        readonly [name: `attributes.${string}`]: string | undefined;
      };
    };
    readonly answer: ProductList;
    readonly code: "CURRENCY_UNKNOWN";
  };
  /** Show a product. */
  readonly getProduct: {
    readonly request: {
      readonly path: {
        readonly id: string;
      };
      readonly query?: {
        /** Shows prices in this currency. Default: the base currency of the shop. */
        readonly currency?: string | undefined;
      } | undefined;
      readonly ifNoneMatch?: string | undefined;
    };
    readonly answer: Product;
    readonly code: "CURRENCY_UNKNOWN" | "PRODUCT_NOT_FOUND";
  };
  /** Replace what you name of a product. */
  readonly replaceProduct: {
    readonly request: {
      readonly path: {
        readonly id: string;
      };
      readonly body: ProductEdit;
      readonly ifMatch?: string | undefined;
    };
    readonly answer: Product;
    readonly code: "PRODUCT_NOT_FOUND" | "PRODUCT_CODE_TAKEN" | "PRODUCT_SLUG_TAKEN" | "SKU_TAKEN" | "PRODUCT_CHANGED";
  };
  /** Change a product. */
  readonly patchProduct: {
    readonly request: {
      readonly path: {
        readonly id: string;
      };
      readonly body: ProductEdit;
      readonly ifMatch?: string | undefined;
    };
    readonly answer: Product;
    readonly code: "PRODUCT_NOT_FOUND" | "PRODUCT_CODE_TAKEN" | "PRODUCT_SLUG_TAKEN" | "SKU_TAKEN" | "PRODUCT_CHANGED";
  };
  /** Take a product off sale for good. */
  readonly deleteProduct: {
    readonly request: {
      readonly path: {
        readonly id: string;
      };
      readonly ifMatch?: string | undefined;
    };
    readonly answer: void;
    readonly code: "PRODUCT_NOT_FOUND" | "PRODUCT_CHANGED";
  };
  /** Set or adjust stock on hand. */
  readonly changeStock: {
    readonly request: {
      readonly path: {
        readonly id: string;
      };
      readonly body: StockChange;
      readonly ifMatch?: string | undefined;
    };
    readonly answer: Product;
    readonly code: "PRODUCT_NOT_FOUND" | "VARIANT_NOT_FOUND" | "STOCK_RESERVED" | "PRODUCT_CHANGED";
  };
  /** Show the category tree with product counts. */
  readonly listCategories: {
    readonly request: { readonly body?: undefined };
    readonly answer: CategoryList;
    readonly code: never;
  };
  /** Create a category. */
  readonly createCategory: {
    readonly request: {
      readonly body: CategoryWrite;
      /** Yours to choose, for one request: sent again with the same key it is not done again and gets the same answer, byte for byte, for thirty days. Printable ASCII. */
      readonly idempotencyKey?: string | undefined;
    };
    readonly answer: Category;
    readonly code: "CATEGORY_SLUG_TAKEN" | "CATEGORY_NAME_TAKEN" | "REQUEST_IN_PROGRESS" | "IDEMPOTENCY_KEY_REUSED";
  };
  /** Show a category and those below it. */
  readonly getCategory: {
    readonly request: {
      readonly path: {
        readonly id: string;
      };
    };
    readonly answer: Category;
    readonly code: "CATEGORY_NOT_FOUND";
  };
  /** Rename, move or sort a category. */
  readonly updateCategory: {
    readonly request: {
      readonly path: {
        readonly id: string;
      };
      readonly body: CategoryChange;
    };
    readonly answer: Category;
    readonly code: "CATEGORY_NOT_FOUND" | "CATEGORY_SLUG_TAKEN" | "CATEGORY_NAME_TAKEN" | "CATEGORY_CYCLE";
  };
  /** Take a category away. */
  readonly deleteCategory: {
    readonly request: {
      readonly path: {
        readonly id: string;
      };
    };
    readonly answer: void;
    readonly code: "CATEGORY_NOT_FOUND" | "CATEGORY_IN_USE";
  };
  /** Keep a picture. */
  readonly storeFile: {
    readonly request: {
      readonly body: Uint8Array<ArrayBuffer>;
      readonly contentType: "image/png" | "image/jpeg" | "image/webp" | "image/avif" | "image/gif";
      /** Yours to choose, for one request: sent again with the same key it is not done again and gets the same answer, byte for byte, for thirty days. Printable ASCII. */
      readonly idempotencyKey?: string | undefined;
    };
    readonly answer: StoredFile;
    readonly code: "REQUEST_IN_PROGRESS" | "PAYLOAD_TOO_LARGE" | "MEDIA_TYPE_UNSUPPORTED" | "FILE_TYPE_UNSUPPORTED" | "IDEMPOTENCY_KEY_REUSED" | "FILES_UNAVAILABLE";
  };
  /** Show a picture that the shop keeps. */
  readonly getFile: {
    readonly request: {
      readonly path: {
        /** SHA-256 of the bytes in hexadecimal, and an ending. */
        readonly name: string;
      };
    };
    readonly answer: Uint8Array<ArrayBuffer>;
    readonly code: "FILE_NOT_FOUND" | "FILES_UNAVAILABLE";
  };
  /** Show a cart. */
  readonly getCart: {
    readonly request: {
      readonly path: {
        /** The user's id, or `me` for the caller. */
        readonly userId: string;
      };
      readonly query?: {
        /** Shows prices in this currency. Default: the base currency of the shop. */
        readonly currency?: string | undefined;
      } | undefined;
    };
    readonly answer: Cart;
    readonly code: never;
  };
  /** Empty a cart. */
  readonly clearCart: {
    readonly request: {
      readonly path: {
        /** The user's id, or `me` for the caller. */
        readonly userId: string;
      };
    };
    readonly answer: void;
    readonly code: never;
  };
  /** Count what is in a cart. */
  readonly countCart: {
    readonly request: {
      readonly path: {
        /** The user's id, or `me` for the caller. */
        readonly userId: string;
      };
    };
    readonly answer: CartCount;
    readonly code: never;
  };
  /** Put an item into a cart. */
  readonly addCartItem: {
    readonly request: {
      readonly path: {
        /** The user's id, or `me` for the caller. */
        readonly userId: string;
      };
      readonly body: PurchaseItem;
      /** Yours to choose, for one request: sent again with the same key it is not done again and gets the same answer, byte for byte, for thirty days. Printable ASCII. */
      readonly idempotencyKey?: string | undefined;
    };
    readonly answer: Cart;
    readonly code: "PRODUCT_NOT_FOUND" | "REQUEST_IN_PROGRESS" | "CART_LINE_LIMIT" | "CART_QUANTITY_LIMIT" | "IDEMPOTENCY_KEY_REUSED";
  };
  /** Set how many of a product a cart holds. */
  readonly setCartItem: {
    readonly request: {
      readonly path: {
        /** The user's id, or `me` for the caller. */
        readonly userId: string;
        /** Id, code or slug. */
        readonly productId: string;
      };
      readonly body: QuantityChange;
    };
    readonly answer: Cart;
    readonly code: "CART_ITEM_NOT_FOUND";
  };
  /** Take a product out of a cart. */
  readonly removeCartItem: {
    readonly request: {
      readonly path: {
        /** The user's id, or `me` for the caller. */
        readonly userId: string;
        /** Id, code or slug. */
        readonly productId: string;
      };
      readonly query?: {
        /** Which variant, when the cart holds more than one. */
        readonly variantId?: string | undefined;
      } | undefined;
    };
    readonly answer: Cart;
    readonly code: "CART_ITEM_NOT_FOUND";
  };
  /** Ask what a purchase would cost now. */
  readonly createQuote: {
    readonly request: {
      readonly body: QuoteRequest;
    };
    readonly answer: Quote;
    readonly code: "ADDRESS_INVALID" | "CURRENCY_UNKNOWN" | "SHIPPING_METHOD_UNKNOWN" | "PRODUCT_NOT_FOUND" | "STOCK_INSUFFICIENT" | "CART_EMPTY" | "CHECKOUT_DISABLED";
  };
  /** Place an order. */
  readonly placeOrder: {
    readonly request: {
      readonly body: PlaceOrder;
      /** Yours to choose, for one request: sent again with the same key it is not done again and gets the same answer, byte for byte, for thirty days. Printable ASCII. */
      readonly idempotencyKey?: string | undefined;
    };
    readonly answer: Order;
    readonly code: "ADDRESS_INVALID" | "CURRENCY_UNKNOWN" | "SHIPPING_METHOD_UNKNOWN" | "CARD_DECLINED" | "FUNDS_INSUFFICIENT" | "PAYMENT_NOT_COMPLETED" | "PRODUCT_NOT_FOUND" | "QUOTE_NOT_FOUND" | "STOCK_INSUFFICIENT" | "QUOTE_CHANGED" | "REQUEST_IN_PROGRESS" | "CART_EMPTY" | "CARD_INVALID" | "PAYMENT_METHOD_UNSUPPORTED" | "IDEMPOTENCY_KEY_REUSED" | "CHECKOUT_DISABLED" | "CHECKOUT_INTERRUPTED" | "CHECKOUT_UNRESOLVED" | "PAYMENT_UNAVAILABLE";
  };
  /** List orders, newest first. */
  readonly listOrders: {
    readonly request: {
      readonly query?: {
        readonly limit?: number | undefined;
        /** `nextCursor` of the page before. */
        readonly cursor?: string | undefined;
        readonly status?: "pending" | "processing" | "shipped" | "delivered" | "cancelled" | undefined;
        /** Admins only; others see their own. */
        readonly userId?: string | undefined;
        /** Admins only. */
        readonly email?: string | undefined;
        readonly createdFrom?: string | undefined;
        readonly createdUntil?: string | undefined;
      } | undefined;
    };
    readonly answer: OrderList;
    readonly code: never;
  };
  /** Look whether a pending order was paid. */
  readonly resumeOrder: {
    readonly request: {
      readonly path: {
        readonly id: string;
      };
    };
    readonly answer: Order;
    readonly code: "PAYMENT_NOT_COMPLETED" | "ORDER_NOT_FOUND" | "STOCK_INSUFFICIENT" | "CHECKOUT_INTERRUPTED" | "CHECKOUT_UNRESOLVED" | "PAYMENT_UNAVAILABLE";
  };
  /** List a user's orders, newest first. */
  readonly listOrdersOfUser: {
    readonly request: {
      readonly path: {
        /** The user's id, or `me` for the caller. */
        readonly userId: string;
      };
      readonly query?: {
        readonly limit?: number | undefined;
        /** `nextCursor` of the page before. */
        readonly cursor?: string | undefined;
        readonly status?: "pending" | "processing" | "shipped" | "delivered" | "cancelled" | undefined;
        /** Admins only; others see their own. */
        readonly userId?: string | undefined;
        /** Admins only. */
        readonly email?: string | undefined;
        readonly createdFrom?: string | undefined;
        readonly createdUntil?: string | undefined;
      } | undefined;
    };
    readonly answer: OrderList;
    readonly code: never;
  };
  /** Have a mail sent that opens an order without signing in. */
  readonly lookUpOrder: {
    readonly request: {
      readonly body: OrderLookUp;
    };
    readonly answer: Accepted;
    readonly code: "RATE_LIMITED";
  };
  /** Show an order. */
  readonly getOrder: {
    readonly request: {
      readonly path: {
        readonly id: string;
      };
    };
    readonly answer: Order;
    readonly code: "ORDER_NOT_FOUND";
  };
  /** Show an order to whoever has the link of its mail. */
  readonly openOrder: {
    readonly request: {
      readonly path: {
        readonly id: string;
      };
      readonly body: OrderAccess;
    };
    readonly answer: Order;
    readonly code: "ORDER_NOT_FOUND" | "LINK_INVALID";
  };
  /** Move an order along, or cancel it. */
  readonly changeOrderStatus: {
    readonly request: {
      readonly path: {
        readonly id: string;
      };
      readonly body: StatusChange;
    };
    readonly answer: Order;
    readonly code: "ADMIN_REQUIRED" | "ORDER_NOT_FOUND" | "STATUS_TRANSITION_INVALID" | "ORDER_REFUNDED";
  };
  /** Give money back, in full or in part. */
  readonly refundOrder: {
    readonly request: {
      readonly path: {
        readonly id: string;
      };
      readonly body?: RefundRequest | undefined;
      /** Yours to choose, for one request: sent again with the same key it is not done again and gets the same answer, byte for byte, for thirty days. Printable ASCII. */
      readonly idempotencyKey?: string | undefined;
    };
    readonly answer: Refund;
    readonly code: "ORDER_NOT_FOUND" | "REFUND_EXCEEDS_CAPTURED" | "REFUND_REFUSED" | "REFUND_ID_TAKEN" | "ORDER_NOT_PAID" | "REQUEST_IN_PROGRESS" | "IDEMPOTENCY_KEY_REUSED";
  };
  /** List what was given back of an order, oldest first. */
  readonly listRefunds: {
    readonly request: {
      readonly path: {
        readonly id: string;
      };
    };
    readonly answer: RefundList;
    readonly code: "ORDER_NOT_FOUND";
  };
  /** Count what was sold and given back from one moment to another. */
  readonly getFigures: {
    readonly request: {
      readonly query: {
        readonly from: string;
        /** At most 31 days after `from`. */
        readonly until: string;
      };
    };
    readonly answer: Figures;
    readonly code: never;
  };
  /** Tell how buyers pay. */
  readonly showPaymentMethod: {
    readonly request: { readonly body?: undefined };
    readonly answer: PaymentMethod;
    readonly code: never;
  };
  /** Tell the shop that a payment has changed at the provider. */
  readonly receivePaymentCallback: {
    readonly request: {
      readonly body: ProviderCallback;
      readonly stoaSignature?: string | undefined;
    };
    readonly answer: void;
    readonly code: "CALLBACK_INVALID";
  };
  /** List the currencies that prices can be shown and charged in. */
  readonly listCurrencies: {
    readonly request: { readonly body?: undefined };
    readonly answer: CurrencyList;
    readonly code: never;
  };
  /** Convert an amount. */
  readonly convertAmount: {
    readonly request: {
      readonly query: {
        /** ISO 4217. */
        readonly from: string;
        /** ISO 4217. */
        readonly to: string;
        /** Decimal number with at most as many decimals as the currency has; zeros beyond do not count. */
        readonly amount: string;
      };
    };
    readonly answer: Conversion;
    readonly code: "CURRENCY_UNKNOWN";
  };
  /** Ask what shipping would cost. */
  readonly quoteShipping: {
    readonly request: {
      readonly body: ShippingQuoteRequest;
    };
    readonly answer: ShippingQuote;
    readonly code: "ADDRESS_INVALID" | "CURRENCY_UNKNOWN" | "PRODUCT_NOT_FOUND";
  };
  /** Follow a parcel. */
  readonly trackShipment: {
    readonly request: {
      readonly path: {
        readonly trackingNumber: string;
      };
    };
    readonly answer: Tracking;
    readonly code: "TRACKING_NUMBER_NOT_FOUND";
  };
  /** Suggest products that go with others. */
  readonly listRecommendations: {
    readonly request: {
      readonly query?: {
        /** Ids, codes or slugs the visitor looks at, separated by commas. */
        readonly productIds?: readonly string[] | undefined;
        readonly limit?: number | undefined;
        /** ISO 4217. */
        readonly currency?: string | undefined;
      } | undefined;
    };
    readonly answer: RecommendationList;
    readonly code: "CURRENCY_UNKNOWN";
  };
  /** Choose ads for a page. */
  readonly listAds: {
    readonly request: {
      readonly query?: {
        /** What the page is about, separated by commas. */
        readonly contextKeys?: readonly string[] | undefined;
        readonly limit?: number | undefined;
      } | undefined;
    };
    readonly answer: AdList;
    readonly code: never;
  };
  /** Count a click on an ad. */
  readonly clickAd: {
    readonly request: {
      readonly path: {
        readonly id: string;
      };
    };
    readonly answer: AdClick;
    readonly code: "AD_NOT_FOUND";
  };
  /** List the mails the shop has sent, newest first. */
  readonly listMails: {
    readonly request: {
      readonly query?: {
        readonly limit?: number | undefined;
        /** `nextCursor` of the page before. */
        readonly cursor?: string | undefined;
        readonly orderId?: string | undefined;
      } | undefined;
    };
    readonly answer: MailList;
    readonly code: never;
  };
  /** Whether the shop sends mails, or only keeps them for its staff. */
  readonly describeMailDelivery: {
    readonly request: { readonly body?: undefined };
    readonly answer: MailDelivery;
    readonly code: never;
  };
  /** Show a mail with its text. */
  readonly getMail: {
    readonly request: {
      readonly path: {
        readonly id: string;
      };
    };
    readonly answer: FullMail;
    readonly code: "MAIL_NOT_FOUND";
  };
  /** List the feature flags: what they are, why, and the faults that are injected. */
  readonly listFlags: {
    readonly request: { readonly body?: undefined };
    readonly answer: FlagList;
    readonly code: never;
  };
  /** What is switched, as this gateway has last heard; for services of the shop only. */
  readonly listSwitches: {
    readonly request: { readonly body?: undefined };
    readonly answer: SwitchList;
    readonly code: never;
  };
  /** Give a flag a value that goes before files and settings. */
  readonly switchFlag: {
    readonly request: {
      readonly path: {
        /** SHA-256 of the bytes in hexadecimal, and an ending. */
        readonly name: string;
      };
      readonly body: {
        /** true, false, a number, a text, or JSON; of the flag's type. */
        readonly value: unknown;
        /** Part of the users who get the value; the same ones each time. */
        readonly share?: number | undefined;
        /** Why; whoever comes later reads it. */
        readonly reason: string;
      };
    };
    readonly answer: FlagList;
    readonly code: "FAULTS_REFUSED" | "FLAG_NOT_FOUND";
  };
  /** Take a switch back: files and settings count again. */
  readonly takeBackSwitch: {
    readonly request: {
      readonly path: {
        /** SHA-256 of the bytes in hexadecimal, and an ending. */
        readonly name: string;
      };
      readonly query: {
        /** Why; whoever comes later reads it. */
        readonly reason: string;
      };
    };
    readonly answer: FlagList;
    readonly code: never;
  };
  /** Where everything is. */
  readonly getIndex: {
    readonly request: { readonly body?: undefined };
    readonly answer: ApiIndex;
    readonly code: never;
  };
  /** Show the state of every service. */
  readonly getHealth: {
    readonly request: { readonly body?: undefined };
    readonly answer: Health;
    readonly code: never;
  };
  /** This document. */
  readonly getOpenApi: {
    readonly request: { readonly body?: undefined };
    readonly answer: { readonly [name: string]: unknown };
    readonly code: never;
  };
  /** This document as a page for people, where it can be tried. */
  readonly getDocs: {
    readonly request: { readonly body?: undefined };
    readonly answer: string;
    readonly code: never;
  };
  /** This document as a page without scripts. */
  readonly getPlainDocs: {
    readonly request: { readonly body?: undefined };
    readonly answer: string;
    readonly code: never;
  };
  /** The public keys that tokens are verified with. */
  readonly getJwks: {
    readonly request: { readonly body?: undefined };
    readonly answer: {
      readonly keys: readonly ({ readonly [name: string]: unknown })[];
    };
    readonly code: never;
  };
}
