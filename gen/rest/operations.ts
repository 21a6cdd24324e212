// Written by npm run gen from the OpenAPI document of the gateway. Do not edit.
import type { Operations } from "./types.ts";

export interface Operation {
  readonly method: string;
  readonly path: string;
  /** Media type of the answer. */
  readonly answers: string;
  /** The answer is bytes. */
  readonly isFile?: boolean;
  /** Header parameters: field of the request, name on the wire. */
  readonly headers?: { readonly [field: string]: string };
}

export const operations: { readonly [Id in keyof Operations]: Operation } = {
  registerUser: {"method":"POST","path":"/api/users/register","answers":"application/json"},
  loginUser: {"method":"POST","path":"/api/users/login","answers":"application/json"},
  createGuest: {"method":"POST","path":"/api/users/guest","answers":"application/json"},
  refreshSession: {"method":"POST","path":"/api/users/refresh","answers":"application/json"},
  logoutUser: {"method":"POST","path":"/api/users/logout","answers":"application/json"},
  getProfile: {"method":"GET","path":"/api/users/profile","answers":"application/json"},
  changeProfile: {"method":"PUT","path":"/api/users/profile","answers":"application/json"},
  askPasswordReset: {"method":"POST","path":"/api/users/password-reset","answers":"application/json"},
  confirmPasswordReset: {"method":"POST","path":"/api/users/password-reset/confirm","answers":"application/json"},
  listProducts: {"method":"GET","path":"/api/products","answers":"application/json"},
  createProduct: {"method":"POST","path":"/api/products","answers":"application/json","headers":{"idempotencyKey":"Idempotency-Key"}},
  searchProducts: {"method":"GET","path":"/api/products/search","answers":"application/json"},
  getProduct: {"method":"GET","path":"/api/products/{id}","answers":"application/json","headers":{"ifNoneMatch":"If-None-Match"}},
  replaceProduct: {"method":"PUT","path":"/api/products/{id}","answers":"application/json","headers":{"ifMatch":"If-Match"}},
  patchProduct: {"method":"PATCH","path":"/api/products/{id}","answers":"application/json","headers":{"ifMatch":"If-Match"}},
  deleteProduct: {"method":"DELETE","path":"/api/products/{id}","answers":"application/json","headers":{"ifMatch":"If-Match"}},
  changeStock: {"method":"PATCH","path":"/api/products/{id}/stock","answers":"application/json","headers":{"ifMatch":"If-Match"}},
  listCategories: {"method":"GET","path":"/api/categories","answers":"application/json"},
  createCategory: {"method":"POST","path":"/api/categories","answers":"application/json","headers":{"idempotencyKey":"Idempotency-Key"}},
  getCategory: {"method":"GET","path":"/api/categories/{id}","answers":"application/json"},
  updateCategory: {"method":"PATCH","path":"/api/categories/{id}","answers":"application/json"},
  deleteCategory: {"method":"DELETE","path":"/api/categories/{id}","answers":"application/json"},
  storeFile: {"method":"POST","path":"/api/files","answers":"application/json","headers":{"idempotencyKey":"Idempotency-Key","contentType":"content-type"}},
  getFile: {"method":"GET","path":"/files/{name}","answers":"image/*","isFile":true},
  getCart: {"method":"GET","path":"/api/cart/{userId}","answers":"application/json"},
  clearCart: {"method":"DELETE","path":"/api/cart/{userId}","answers":"application/json"},
  countCart: {"method":"GET","path":"/api/cart/{userId}/count","answers":"application/json"},
  addCartItem: {"method":"POST","path":"/api/cart/{userId}/items","answers":"application/json","headers":{"idempotencyKey":"Idempotency-Key"}},
  setCartItem: {"method":"PUT","path":"/api/cart/{userId}/items/{productId}","answers":"application/json"},
  removeCartItem: {"method":"DELETE","path":"/api/cart/{userId}/items/{productId}","answers":"application/json"},
  createQuote: {"method":"POST","path":"/api/checkout/quote","answers":"application/json"},
  placeOrder: {"method":"POST","path":"/api/orders","answers":"application/json","headers":{"idempotencyKey":"Idempotency-Key"}},
  listOrders: {"method":"GET","path":"/api/orders","answers":"application/json"},
  resumeOrder: {"method":"POST","path":"/api/orders/{id}/resume","answers":"application/json"},
  listOrdersOfUser: {"method":"GET","path":"/api/orders/user/{userId}","answers":"application/json"},
  lookUpOrder: {"method":"POST","path":"/api/orders/lookup","answers":"application/json"},
  getOrder: {"method":"GET","path":"/api/orders/{id}","answers":"application/json"},
  openOrder: {"method":"POST","path":"/api/orders/{id}/open","answers":"application/json"},
  changeOrderStatus: {"method":"PATCH","path":"/api/orders/{id}/status","answers":"application/json"},
  refundOrder: {"method":"POST","path":"/api/orders/{id}/refunds","answers":"application/json","headers":{"idempotencyKey":"Idempotency-Key"}},
  listRefunds: {"method":"GET","path":"/api/orders/{id}/refunds","answers":"application/json"},
  getFigures: {"method":"GET","path":"/api/figures","answers":"application/json"},
  showPaymentMethod: {"method":"GET","path":"/api/payments/method","answers":"application/json"},
  receivePaymentCallback: {"method":"POST","path":"/api/payments/callbacks","answers":"application/json","headers":{"stoaSignature":"stoa-signature"}},
  listCurrencies: {"method":"GET","path":"/api/currencies","answers":"application/json"},
  convertAmount: {"method":"GET","path":"/api/currencies/convert","answers":"application/json"},
  quoteShipping: {"method":"POST","path":"/api/shipping/quote","answers":"application/json"},
  trackShipment: {"method":"GET","path":"/api/shipping/track/{trackingNumber}","answers":"application/json"},
  listRecommendations: {"method":"GET","path":"/api/recommendations","answers":"application/json"},
  listAds: {"method":"GET","path":"/api/ads","answers":"application/json"},
  clickAd: {"method":"POST","path":"/api/ads/{id}/click","answers":"application/json"},
  listMails: {"method":"GET","path":"/api/mails","answers":"application/json"},
  describeMailDelivery: {"method":"GET","path":"/api/mails/delivery","answers":"application/json"},
  getMail: {"method":"GET","path":"/api/mails/{id}","answers":"application/json"},
  listFlags: {"method":"GET","path":"/api/flags","answers":"application/json"},
  listSwitches: {"method":"GET","path":"/api/flags/switches","answers":"application/json"},
  switchFlag: {"method":"PUT","path":"/api/flags/{name}","answers":"application/json"},
  takeBackSwitch: {"method":"DELETE","path":"/api/flags/{name}","answers":"application/json"},
  getIndex: {"method":"GET","path":"/api","answers":"application/json"},
  getHealth: {"method":"GET","path":"/api/health","answers":"application/json"},
  getOpenApi: {"method":"GET","path":"/openapi.json","answers":"application/json"},
  getDocs: {"method":"GET","path":"/docs","answers":"text/html"},
  getPlainDocs: {"method":"GET","path":"/docs/plain","answers":"text/html"},
  getJwks: {"method":"GET","path":"/.well-known/jwks.json","answers":"application/json"},
};
