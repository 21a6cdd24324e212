// Every gRPC contract outside callers may use, and the service that answers it.
import type { DescService } from "@bufbuild/protobuf";
import * as hipstershop from "#gen/hipstershop/demo_pb.js";
import { AdService } from "#gen/stoa/ad/v1/ad_pb.js";
import { CartService } from "#gen/stoa/cart/v1/cart_pb.js";
import { CatalogService } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { CheckoutService } from "#gen/stoa/checkout/v1/checkout_pb.js";
import { CurrencyService } from "#gen/stoa/currency/v1/currency_pb.js";
import { EmailService } from "#gen/stoa/email/v1/email_pb.js";
import { OrderService } from "#gen/stoa/order/v1/order_pb.js";
import { PaymentService } from "#gen/stoa/payment/v1/payment_pb.js";
import { RecommendationService } from "#gen/stoa/recommendation/v1/recommendation_pb.js";
import { ShippingService } from "#gen/stoa/shipping/v1/shipping_pb.js";
import { UserService } from "#gen/stoa/user/v1/user_pb.js";

export const grpcContracts: { readonly [service: string]: readonly DescService[] } = {
  catalog: [CatalogService, hipstershop.ProductCatalogService],
  currency: [CurrencyService, hipstershop.CurrencyService],
  user: [UserService],
  shipping: [ShippingService, hipstershop.ShippingService],
  payment: [PaymentService, hipstershop.PaymentService],
  email: [EmailService, hipstershop.EmailService],
  ad: [AdService, hipstershop.AdService],
  cart: [CartService, hipstershop.CartService],
  recommendation: [RecommendationService, hipstershop.RecommendationService],
  order: [OrderService],
  checkout: [CheckoutService, hipstershop.CheckoutService],
};
