// The whole REST API in one list: routes, validation and the OpenAPI document are made from it.
import type { AnyEndpoint } from "./endpoint.ts";
import { docsPageOf } from "./docs-page.ts";
import { openApiOf, type OpenApi } from "./openapi.ts";
import { cartEndpoints } from "./routes/cart.ts";
import { checkoutEndpoints } from "./routes/checkout.ts";
import { currencyEndpoints } from "./routes/currencies.ts";
import { mailEndpoints } from "./routes/mails.ts";
import { operationEndpoints } from "./routes/operations.ts";
import { orderEndpoints } from "./routes/orders.ts";
import { paymentEndpoints } from "./routes/payments.ts";
import { productEndpoints } from "./routes/products.ts";
import { shippingEndpoints } from "./routes/shipping.ts";
import { suggestionEndpoints } from "./routes/suggestions.ts";
import { userEndpoints } from "./routes/users.ts";

/** Version of the API, not of the program. */
const version = "1.0.0";

/** All endpoints, with the document and the page that describe them. */
export function apiEndpoints(): AnyEndpoint[] {
  const documents = { openApi: "", page: "", contentSecurityPolicy: "" };
  const endpoints = [
    ...userEndpoints,
    ...productEndpoints,
    ...cartEndpoints,
    ...checkoutEndpoints,
    ...orderEndpoints,
    ...paymentEndpoints,
    ...currencyEndpoints,
    ...shippingEndpoints,
    ...suggestionEndpoints,
    ...mailEndpoints,
    ...operationEndpoints(documents),
  ];
  const document = openApiOf(endpoints, version);
  const { html, contentSecurityPolicy } = docsPageOf(document);
  Object.assign(documents, { openApi: JSON.stringify(document), page: html, contentSecurityPolicy });
  return endpoints;
}

export function openApiDocument(): OpenApi {
  return openApiOf(apiEndpoints(), version);
}
