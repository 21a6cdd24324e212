// What the REST API answers, as far as pages read it.

export interface Price {
  readonly amount: string;
  readonly currencyCode: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
  readonly total: number;
}

export interface Variant {
  readonly id: string;
  readonly sku: string;
  readonly options: { readonly [name: string]: string };
  readonly price: Price;
  readonly stockQuantity: number;
}

export interface Product {
  readonly id: string;
  readonly code: string;
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly price: Price;
  readonly category: string;
  readonly categories: readonly string[];
  readonly imageUrl: string;
  readonly stockQuantity: number;
  readonly attributes: { readonly [name: string]: unknown };
  readonly variants: readonly Variant[];
}

export interface Facet {
  readonly name: string;
  readonly values: readonly { readonly value: string; readonly count: number }[];
}

export interface ProductPage extends Page<Product> {
  readonly facets?: readonly Facet[];
}

export interface Category {
  readonly slug: string;
  readonly name: string;
  readonly description?: string;
  readonly productCount: number;
  readonly children?: readonly Category[];
}

export interface Ad {
  readonly id: string;
  readonly redirectUrl: string;
  readonly text: string;
  readonly imageUrl?: string;
}

export interface CartItem {
  readonly productId: string;
  readonly variantId: string;
  readonly name: string;
  readonly imageUrl: string;
  readonly quantity: number;
  readonly unitPrice: Price;
  readonly subtotal: Price;
}

export interface Cart {
  readonly userId: string;
  readonly version: number;
  readonly items: readonly CartItem[];
  readonly subtotal: Price;
}

export interface Quote {
  readonly quoteId: string;
  readonly items: readonly {
    readonly variantId: string;
    readonly unitPrice: Price;
    readonly subtotal: Price;
  }[];
  readonly subtotal: Price;
  readonly discount: Price;
  readonly shippingCost: Price;
  readonly tax: Price;
  readonly total: Price;
}

export interface Address {
  readonly fullName?: string;
  readonly line1: string;
  readonly line2?: string;
  readonly city: string;
  readonly region?: string;
  readonly postalCode: string;
  readonly country: string;
}

export type OrderStatus = "pending" | "processing" | "shipped" | "delivered" | "cancelled";

export interface Order {
  readonly id: string;
  readonly orderNumber: string;
  readonly email: string;
  readonly status: OrderStatus;
  readonly currencyCode: string;
  readonly items: readonly {
    readonly productId: string;
    readonly name: string;
    readonly quantity: number;
    readonly price: Price;
    readonly subtotal: Price;
  }[];
  readonly subtotal: Price;
  readonly discount: Price;
  readonly shippingCost: Price;
  readonly tax: Price;
  readonly totalAmount: Price;
  readonly shippingAddress: Address;
  readonly trackingNumber: string | null;
  readonly payment: { readonly status: string; readonly brand?: string; readonly last4?: string } | null;
  readonly createdAt: string;
}

export interface Tracking {
  readonly trackingNumber: string;
  readonly status: string;
  readonly methodName?: string;
  readonly estimatedDeliveryOn?: string | null;
  readonly events: readonly { readonly status: string; readonly at: string }[];
}

export interface User {
  readonly id: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly role: "customer" | "admin" | "guest";
}

export interface Session {
  readonly user: User;
  readonly token: string;
  readonly expiresAt: string;
  readonly refreshToken: string;
}

export interface GuestSession {
  readonly userId: string;
  readonly token: string;
  readonly expiresAt: string;
}

export interface Mail {
  readonly id: string;
  readonly template: string;
  readonly recipient: string;
  readonly subject: string;
  readonly status: string;
  readonly createdAt: string;
  readonly html?: string;
  readonly text?: string;
}
