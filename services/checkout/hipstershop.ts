// The foreign contract's CheckoutService: no identity, free-text addresses, product codes.
import { create } from "@bufbuild/protobuf";
import { CheckoutService, type PlaceOrderRequest } from "#gen/hipstershop/demo_pb.js";
import { PlaceOrderRequestSchema } from "#gen/stoa/checkout/v1/checkout_pb.js";
import type { Order } from "#gen/stoa/order/v1/order_pb.js";
import { invalid } from "#platform/kit/errors.ts";
import { guestIdOfForeignUser } from "#platform/auth/guest.ts";
import { money, type Money } from "#platform/kit/money.ts";
import { asService, bindRpcs, type BoundService } from "#platform/rpc/contract.ts";
import { toUnitsMoney } from "#platform/kit/units-money.ts";
import type { CheckoutContext } from "./context.ts";
import { placeOrder } from "./rpc/place-order.ts";

const userIdBytesMax = 128;

export function hipsterCheckout(ctx: CheckoutContext): BoundService {
  return bindRpcs(CheckoutService, ctx, {
    async placeOrder(context, request, call) {
      const ours = asService(call, "hipstershop");
      const { order } = await placeOrder(context, ownRequest(request), ours);
      return { order: foreignOrder(order, request) };
    },
  });
}

function ownRequest(request: PlaceOrderRequest) {
  const { userId, userCurrency, address, email, creditCard } = request;
  if (userId === "" || Buffer.byteLength(userId) > userIdBytesMax) {
    throw invalid([{ path: "user_id", message: `must have 1 to ${userIdBytesMax} bytes` }]);
  }
  if (!address) throw invalid([{ path: "address", message: "is required" }]);
  if (!creditCard) throw invalid([{ path: "credit_card", message: "is required" }]);
  if (email === "") throw invalid([{ path: "email", message: "is required" }]);
  return create(PlaceOrderRequestSchema, {
    userId: guestIdOfForeignUser(userId),
    currencyCode: userCurrency,
    email,
    shippingAddress: {
      line1: address.streetAddress,
      city: address.city,
      region: address.state,
      postalCode: address.zipCode === 0 ? "" : String(address.zipCode),
      country: address.country,
      freeText: true,
    },
    card: {
      number: creditCard.creditCardNumber,
      expiryMonth: creditCard.creditCardExpirationMonth,
      expiryYear: creditCard.creditCardExpirationYear,
      cvc: String(creditCard.creditCardCvv).padStart(3, "0"),
    },
  });
}

function foreignOrder(order: Order, request: PlaceOrderRequest) {
  const zero = money(order.currencyCode, 0n);
  const amount = (value: Money | undefined) => toUnitsMoney(value ?? zero);
  return {
    orderId: order.id,
    shippingTrackingId: order.trackingNumber,
    shippingCost: amount(order.shippingCost),
    ...(request.address ? { shippingAddress: request.address } : {}),
    items: order.items.map(({ productCode, quantity, price }) => ({
      item: { productId: productCode, quantity },
      cost: amount(price),
    })),
  };
}
