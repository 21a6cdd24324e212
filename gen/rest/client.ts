// Written by npm run gen from the OpenAPI document of the gateway. Do not edit.
import { RestClient, type AnswerOf, type RequestOf, type SendOptions } from "./rest-client.ts";

/** One shop's REST API. Every method throws an ApiProblem when it is refused. */
export class StoaClient extends RestClient {
  /** The same shop as somebody else, or as nobody. */
  withToken(token: string | undefined): StoaClient {
    return new StoaClient({ ...this.options, token });
  }

  /** Open an account. A guest's token, sent along, brings the guest's cart into the account, as far as it fits, and the guest's orders. `POST /api/users/register` */
  async registerUser(request: RequestOf<"registerUser">, options?: SendOptions): Promise<AnswerOf<"registerUser">> {
    return await this.call("registerUser", request, options);
  }

  /** Sign in. A guest's token, sent along, brings the guest's cart into the account, as far as it fits, and the guest's orders. `POST /api/users/login` */
  async loginUser(request: RequestOf<"loginUser">, options?: SendOptions): Promise<AnswerOf<"loginUser">> {
    return await this.call("loginUser", request, options);
  }

  /** Get a token without an account, or a new one for the same guest. The token lives seven days, as a cart does. A guest's own token, sent along before it ends, is renewed: the same guest, cart and orders for another seven days. `POST /api/users/guest` */
  async createGuest(request: RequestOf<"createGuest"> = {}, options?: SendOptions): Promise<AnswerOf<"createGuest">> {
    return await this.call("createGuest", request, options);
  }

  /** Exchange a refresh token for a new pair. `POST /api/users/refresh` */
  async refreshSession(request: RequestOf<"refreshSession">, options?: SendOptions): Promise<AnswerOf<"refreshSession">> {
    return await this.call("refreshSession", request, options);
  }

  /** Sign out. The token is refused everywhere within five seconds. `POST /api/users/logout` */
  async logoutUser(request: RequestOf<"logoutUser"> = {}, options?: SendOptions): Promise<AnswerOf<"logoutUser">> {
    return await this.call("logoutUser", request, options);
  }

  /** Show the caller's account. `GET /api/users/profile` */
  async getProfile(request: RequestOf<"getProfile"> = {}, options?: SendOptions): Promise<AnswerOf<"getProfile">> {
    return await this.call("getProfile", request, options);
  }

  /** Change the caller's account. `PUT /api/users/profile` */
  async changeProfile(request: RequestOf<"changeProfile">, options?: SendOptions): Promise<AnswerOf<"changeProfile">> {
    return await this.call("changeProfile", request, options);
  }

  /** Have a mail sent with which a new password can be chosen. The same answer for every address, known or not. The mail's link opens /account/reset; it works once and for a short time. `POST /api/users/password-reset` */
  async askPasswordReset(request: RequestOf<"askPasswordReset">, options?: SendOptions): Promise<AnswerOf<"askPasswordReset">> {
    return await this.call("askPasswordReset", request, options);
  }

  /** Choose a new password with what the mail said. Works once, and ends every session of the account. `POST /api/users/password-reset/confirm` */
  async confirmPasswordReset(request: RequestOf<"confirmPasswordReset">, options?: SendOptions): Promise<AnswerOf<"confirmPasswordReset">> {
    return await this.call("confirmPasswordReset", request, options);
  }

  /** List products. `GET /api/products` */
  async listProducts(request: RequestOf<"listProducts"> = {}, options?: SendOptions): Promise<AnswerOf<"listProducts">> {
    return await this.call("listProducts", request, options);
  }

  /** Create a product. Code and slug are made when absent; a category that does not exist yet is made too. `POST /api/products` */
  async createProduct(request: RequestOf<"createProduct">, options?: SendOptions): Promise<AnswerOf<"createProduct">> {
    return await this.call("createProduct", request, options);
  }

  /** Search products. Full text, beginnings of words, and words with one typo; best matches first. `GET /api/products/search` */
  async searchProducts(request: RequestOf<"searchProducts">, options?: SendOptions): Promise<AnswerOf<"searchProducts">> {
    return await this.call("searchProducts", request, options);
  }

  /** Show a product. By id, code or slug. `GET /api/products/{id}` */
  async getProduct(request: RequestOf<"getProduct">, options?: SendOptions): Promise<AnswerOf<"getProduct">> {
    return await this.call("getProduct", request, options);
  }

  /** Replace what you name of a product. What is absent stays; what GET answered can be sent back. Attributes and variants are whole lists. Stock of variants that exist never changes here. A variant keeps its id for ever, a retired one comes never back. One that costs what the product costs goes with its price. Orders keep their own copy. `PUT /api/products/{id}` */
  async replaceProduct(request: RequestOf<"replaceProduct">, options?: SendOptions): Promise<AnswerOf<"replaceProduct">> {
    return await this.call("replaceProduct", request, options);
  }

  /** Change a product. A merge patch (RFC 7396): what it names is changed, attributes one by one, null takes away, all else stays. Lists are whole lists. Variants, stock and prices as of PUT. `PATCH /api/products/{id}` */
  async patchProduct(request: RequestOf<"patchProduct">, options?: SendOptions): Promise<AnswerOf<"patchProduct">> {
    return await this.call("patchProduct", request, options);
  }

  /** Take a product off sale for good. `DELETE /api/products/{id}` */
  async deleteProduct(request: RequestOf<"deleteProduct">, options?: SendOptions): Promise<AnswerOf<"deleteProduct">> {
    return await this.call("deleteProduct", request, options);
  }

  /** Set or adjust stock on hand. `PATCH /api/products/{id}/stock` */
  async changeStock(request: RequestOf<"changeStock">, options?: SendOptions): Promise<AnswerOf<"changeStock">> {
    return await this.call("changeStock", request, options);
  }

  /** Show the category tree with product counts. `GET /api/categories` */
  async listCategories(request: RequestOf<"listCategories"> = {}, options?: SendOptions): Promise<AnswerOf<"listCategories">> {
    return await this.call("listCategories", request, options);
  }

  /** Create a category. The slug is made from the name when absent. `POST /api/categories` */
  async createCategory(request: RequestOf<"createCategory">, options?: SendOptions): Promise<AnswerOf<"createCategory">> {
    return await this.call("createCategory", request, options);
  }

  /** Show a category and those below it. By id or slug. `GET /api/categories/{id}` */
  async getCategory(request: RequestOf<"getCategory">, options?: SendOptions): Promise<AnswerOf<"getCategory">> {
    return await this.call("getCategory", request, options);
  }

  /** Rename, move or sort a category. Changes what it names and nothing else. By id or slug. `PATCH /api/categories/{id}` */
  async updateCategory(request: RequestOf<"updateCategory">, options?: SendOptions): Promise<AnswerOf<"updateCategory">> {
    return await this.call("updateCategory", request, options);
  }

  /** Take a category away. Its products and the categories below it move up to the one above; products that would be in none are in `uncategorized` then. `DELETE /api/categories/{id}` */
  async deleteCategory(request: RequestOf<"deleteCategory">, options?: SendOptions): Promise<AnswerOf<"deleteCategory">> {
    return await this.call("deleteCategory", request, options);
  }

  /** Keep a picture. The body is the picture itself; what it begins with must be what Content-Type says. The `url` is for `imageUrl` of products. It is made from the bytes: the same picture always has the same one. `POST /api/files` */
  async storeFile(request: RequestOf<"storeFile">, options?: SendOptions): Promise<AnswerOf<"storeFile">> {
    return await this.call("storeFile", request, options);
  }

  /** Show a picture that the shop keeps. A name stands for its bytes for ever, so it may be kept as long as one likes. `GET /files/{name}` */
  async getFile(request: RequestOf<"getFile">, options?: SendOptions): Promise<AnswerOf<"getFile">> {
    return await this.call("getFile", request, options);
  }

  /** Show a cart. `me` is the caller. An actor without a cart has an empty one. `GET /api/cart/{userId}` */
  async getCart(request: RequestOf<"getCart">, options?: SendOptions): Promise<AnswerOf<"getCart">> {
    return await this.call("getCart", request, options);
  }

  /** Empty a cart. `DELETE /api/cart/{userId}` */
  async clearCart(request: RequestOf<"clearCart">, options?: SendOptions): Promise<AnswerOf<"clearCart">> {
    return await this.call("clearCart", request, options);
  }

  /** Count what is in a cart. For badges: no names and no prices are looked up. `GET /api/cart/{userId}/count` */
  async countCart(request: RequestOf<"countCart">, options?: SendOptions): Promise<AnswerOf<"countCart">> {
    return await this.call("countCart", request, options);
  }

  /** Put an item into a cart. The same product adds up. At most 99 of one variant and 100 lines. `POST /api/cart/{userId}/items` */
  async addCartItem(request: RequestOf<"addCartItem">, options?: SendOptions): Promise<AnswerOf<"addCartItem">> {
    return await this.call("addCartItem", request, options);
  }

  /** Set how many of a product a cart holds. `PUT /api/cart/{userId}/items/{productId}` */
  async setCartItem(request: RequestOf<"setCartItem">, options?: SendOptions): Promise<AnswerOf<"setCartItem">> {
    return await this.call("setCartItem", request, options);
  }

  /** Take a product out of a cart. `DELETE /api/cart/{userId}/items/{productId}` */
  async removeCartItem(request: RequestOf<"removeCartItem">, options?: SendOptions): Promise<AnswerOf<"removeCartItem">> {
    return await this.call("removeCartItem", request, options);
  }

  /** Ask what a purchase would cost now. Sent along with the order as `quoteId`, the quote makes sure that nothing else is charged. `POST /api/checkout/quote` */
  async createQuote(request: RequestOf<"createQuote">, options?: SendOptions): Promise<AnswerOf<"createQuote">> {
    return await this.call("createQuote", request, options);
  }

  /** Place an order. With `Idempotency-Key`, the same key and body get the same answer, byte for byte. Without it an order from the cart is keyed by the cart's version, so a double click gives one order. Where buyers pay at the payment provider, the order is `pending` with `payment.action` until they have: ask again with the same key, or POST /api/orders/:id/resume. `POST /api/orders` */
  async placeOrder(request: RequestOf<"placeOrder">, options?: SendOptions): Promise<AnswerOf<"placeOrder">> {
    return await this.call("placeOrder", request, options);
  }

  /** List orders, newest first. Admins see all, others their own. `GET /api/orders` */
  async listOrders(request: RequestOf<"listOrders"> = {}, options?: SendOptions): Promise<AnswerOf<"listOrders">> {
    return await this.call("listOrders", request, options);
  }

  /** Look whether a pending order was paid. For orders whose buyer pays at the payment provider. Answers the order, still `pending` or not, or the refusal it ended in. It happens by itself too, within seconds; asking is for who waits. `POST /api/orders/{id}/resume` */
  async resumeOrder(request: RequestOf<"resumeOrder">, options?: SendOptions): Promise<AnswerOf<"resumeOrder">> {
    return await this.call("resumeOrder", request, options);
  }

  /** List a user's orders, newest first. `GET /api/orders/user/{userId}` */
  async listOrdersOfUser(request: RequestOf<"listOrdersOfUser">, options?: SendOptions): Promise<AnswerOf<"listOrdersOfUser">> {
    return await this.call("listOrdersOfUser", request, options);
  }

  /** Have a mail sent that opens an order without signing in. When number and email are those of an order, a mail with its signed address goes to that email. The same answer for every question. `POST /api/orders/lookup` */
  async lookUpOrder(request: RequestOf<"lookUpOrder">, options?: SendOptions): Promise<AnswerOf<"lookUpOrder">> {
    return await this.call("lookUpOrder", request, options);
  }

  /** Show an order. By id or number, to its owner and to admins. `GET /api/orders/{id}` */
  async getOrder(request: RequestOf<"getOrder">, options?: SendOptions): Promise<AnswerOf<"getOrder">> {
    return await this.call("getOrder", request, options);
  }

  /** Show an order to whoever has the link of its mail. By id and what the link says after `access=`. It shows that one order until it expires, and moves nothing. No token is needed. `POST /api/orders/{id}/open` */
  async openOrder(request: RequestOf<"openOrder">, options?: SendOptions): Promise<AnswerOf<"openOrder">> {
    return await this.call("openOrder", request, options);
  }

  /** Move an order along, or cancel it. Owners may only cancel. A cancel gives back stock and money, once. Where the payment service is somebody else's (`provider` of GET /api/payments/method is `hipstershop`), the money has to be given back there by hand. `PATCH /api/orders/{id}/status` */
  async changeOrderStatus(request: RequestOf<"changeOrderStatus">, options?: SendOptions): Promise<AnswerOf<"changeOrderStatus">> {
    return await this.call("changeOrderStatus", request, options);
  }

  /** Give money back, in full or in part. Either an `amount` or `"full": true`, which is all that is left; never more than was captured. `Idempotency-Key` or `refundId` makes the call safe to repeat. A refund is `pending` while the payment provider is away. `POST /api/orders/{id}/refunds` */
  async refundOrder(request: RequestOf<"refundOrder">, options?: SendOptions): Promise<AnswerOf<"refundOrder">> {
    return await this.call("refundOrder", request, options);
  }

  /** List what was given back of an order, oldest first. Refunds of the shop, refunds that were made at the payment provider (their `actor` is `payment`), and the rest that a cancel gives back. Those that are `done` make the order's `refundedAmount`. `GET /api/orders/{id}/refunds` */
  async listRefunds(request: RequestOf<"listRefunds">, options?: SendOptions): Promise<AnswerOf<"listRefunds">> {
    return await this.call("listRefunds", request, options);
  }

  /** Count what was sold and given back from one moment to another. For each currency in which something happened. `GET /api/figures` */
  async getFigures(request: RequestOf<"getFigures">, options?: SendOptions): Promise<AnswerOf<"getFigures">> {
    return await this.call("getFigures", request, options);
  }

  /** Tell how buyers pay. `GET /api/payments/method` */
  async showPaymentMethod(request: RequestOf<"showPaymentMethod"> = {}, options?: SendOptions): Promise<AnswerOf<"showPaymentMethod">> {
    return await this.call("showPaymentMethod", request, options);
  }

  /** Tell the shop that a payment has changed at the provider. For the payment provider, which signs what it sends, in its own form and headers; shown are those of the built-in one. The shop then asks the provider what the payment is now; it may be told twice, late and in any order. Repeat it until it is answered with 204. `POST /api/payments/callbacks` */
  async receivePaymentCallback(request: RequestOf<"receivePaymentCallback">, options?: SendOptions): Promise<AnswerOf<"receivePaymentCallback">> {
    return await this.call("receivePaymentCallback", request, options);
  }

  /** List the currencies that prices can be shown and charged in. `GET /api/currencies` */
  async listCurrencies(request: RequestOf<"listCurrencies"> = {}, options?: SendOptions): Promise<AnswerOf<"listCurrencies">> {
    return await this.call("listCurrencies", request, options);
  }

  /** Convert an amount. Exact, rounded half to even. `GET /api/currencies/convert` */
  async convertAmount(request: RequestOf<"convertAmount">, options?: SendOptions): Promise<AnswerOf<"convertAmount">> {
    return await this.call("convertAmount", request, options);
  }

  /** Ask what shipping would cost. `POST /api/shipping/quote` */
  async quoteShipping(request: RequestOf<"quoteShipping">, options?: SendOptions): Promise<AnswerOf<"quoteShipping">> {
    return await this.call("quoteShipping", request, options);
  }

  /** Follow a parcel. Whoever has the number may look. `GET /api/shipping/track/{trackingNumber}` */
  async trackShipment(request: RequestOf<"trackShipment">, options?: SendOptions): Promise<AnswerOf<"trackShipment">> {
    return await this.call("trackShipment", request, options);
  }

  /** Suggest products that go with others. Empty rather than late: it never fails a page. `GET /api/recommendations` */
  async listRecommendations(request: RequestOf<"listRecommendations"> = {}, options?: SendOptions): Promise<AnswerOf<"listRecommendations">> {
    return await this.call("listRecommendations", request, options);
  }

  /** Choose ads for a page. `GET /api/ads` */
  async listAds(request: RequestOf<"listAds"> = {}, options?: SendOptions): Promise<AnswerOf<"listAds">> {
    return await this.call("listAds", request, options);
  }

  /** Count a click on an ad. `POST /api/ads/{id}/click` */
  async clickAd(request: RequestOf<"clickAd">, options?: SendOptions): Promise<AnswerOf<"clickAd">> {
    return await this.call("clickAd", request, options);
  }

  /** List the mails the shop has sent, newest first. `GET /api/mails` */
  async listMails(request: RequestOf<"listMails"> = {}, options?: SendOptions): Promise<AnswerOf<"listMails">> {
    return await this.call("listMails", request, options);
  }

  /** Whether the shop sends mails, or only keeps them for its staff. `GET /api/mails/delivery` */
  async describeMailDelivery(request: RequestOf<"describeMailDelivery"> = {}, options?: SendOptions): Promise<AnswerOf<"describeMailDelivery">> {
    return await this.call("describeMailDelivery", request, options);
  }

  /** Show a mail with its text. `GET /api/mails/{id}` */
  async getMail(request: RequestOf<"getMail">, options?: SendOptions): Promise<AnswerOf<"getMail">> {
    return await this.call("getMail", request, options);
  }

  /** List the feature flags: what they are, why, and the faults that are injected. `GET /api/flags` */
  async listFlags(request: RequestOf<"listFlags"> = {}, options?: SendOptions): Promise<AnswerOf<"listFlags">> {
    return await this.call("listFlags", request, options);
  }

  /** What is switched, as this gateway has last heard; for services of the shop only. `GET /api/flags/switches` */
  async listSwitches(request: RequestOf<"listSwitches"> = {}, options?: SendOptions): Promise<AnswerOf<"listSwitches">> {
    return await this.call("listSwitches", request, options);
  }

  /** Give a flag a value that goes before files and settings. In force everywhere within five seconds. The flag `faults` holds the rules of fault injection (docs/operate/flags.md). `PUT /api/flags/{name}` */
  async switchFlag(request: RequestOf<"switchFlag">, options?: SendOptions): Promise<AnswerOf<"switchFlag">> {
    return await this.call("switchFlag", request, options);
  }

  /** Take a switch back: files and settings count again. `DELETE /api/flags/{name}` */
  async takeBackSwitch(request: RequestOf<"takeBackSwitch">, options?: SendOptions): Promise<AnswerOf<"takeBackSwitch">> {
    return await this.call("takeBackSwitch", request, options);
  }

  /** Where everything is. `GET /api` */
  async getIndex(request: RequestOf<"getIndex"> = {}, options?: SendOptions): Promise<AnswerOf<"getIndex">> {
    return await this.call("getIndex", request, options);
  }

  /** Show the state of every service. Answers 200 also when a service is down; `status` tells. Within a second whatever hangs: each service was looked at `ageMs` ago. `GET /api/health` */
  async getHealth(request: RequestOf<"getHealth"> = {}, options?: SendOptions): Promise<AnswerOf<"getHealth">> {
    return await this.call("getHealth", request, options);
  }

  /** This document. `GET /openapi.json` */
  async getOpenApi(request: RequestOf<"getOpenApi"> = {}, options?: SendOptions): Promise<AnswerOf<"getOpenApi">> {
    return await this.call("getOpenApi", request, options);
  }

  /** This document as a page for people, where it can be tried. `GET /docs` */
  async getDocs(request: RequestOf<"getDocs"> = {}, options?: SendOptions): Promise<AnswerOf<"getDocs">> {
    return await this.call("getDocs", request, options);
  }

  /** This document as a page without scripts. `GET /docs/plain` */
  async getPlainDocs(request: RequestOf<"getPlainDocs"> = {}, options?: SendOptions): Promise<AnswerOf<"getPlainDocs">> {
    return await this.call("getPlainDocs", request, options);
  }

  /** The public keys that tokens are verified with. `GET /.well-known/jwks.json` */
  async getJwks(request: RequestOf<"getJwks"> = {}, options?: SendOptions): Promise<AnswerOf<"getJwks">> {
    return await this.call("getJwks", request, options);
  }
}
