// The whole REST API in one list: routes, validation and the OpenAPI document are made from it.
import { StartError } from "#platform/kit/start-error.ts";
import type { AnyEndpoint } from "./endpoint.ts";
import { docsPageOf, docsPolicy, type DocsShop } from "./docs-page.ts";
import { withExamplesIn } from "./example-money.ts";
import { withExamples } from "./examples.ts";
import type { DocumentedField } from "./extension.ts";
import { openApiOf, type OpenApi } from "./openapi.ts";
import { cartEndpoints } from "./routes/cart.ts";
import { categoryEndpoints } from "./routes/categories.ts";
import { checkoutEndpoints } from "./routes/checkout.ts";
import { currencyEndpoints } from "./routes/currencies.ts";
import { figureEndpoints } from "./routes/figures.ts";
import { fileEndpoints } from "./routes/files.ts";
import { flagEndpoints } from "./routes/flags.ts";
import { mailEndpoints } from "./routes/mails.ts";
import { operationEndpoints } from "./routes/operations.ts";
import { orderEndpoints } from "./routes/orders.ts";
import { plainReferenceOf } from "./plain-reference.ts";
import { paymentEndpoints } from "./routes/payments.ts";
import { productEndpoints } from "./routes/products.ts";
import { shippingEndpoints } from "./routes/shipping.ts";
import { suggestionEndpoints } from "./routes/suggestions.ts";
import { userEndpoints } from "./routes/users.ts";

/** Version of the API, not of the program. */
const version = "1.0.0";

/** What a shop's own documents tell: what extensions add to products, the money of the examples, and whose they are. */
interface Told {
  readonly fields?: readonly DocumentedField[];
  readonly currency?: string;
  readonly shop?: DocsShop;
}

/** All endpoints, those of extensions last, with the document and the page that describe them. */
export function apiEndpoints(
  added: readonly AnyEndpoint[] = [],
  { fields = [], currency = "USD", shop = { name: "Stoa", url: "http://localhost:3000" } }: Told = {},
): AnyEndpoint[] {
  // Most processes are never asked for them: each is made when somebody wants it first.
  const document = () => withExamplesIn(withExamples(openApiOf(endpoints, version, fields)), currency);
  const documents = {
    index: once(() => indexOf(endpoints)),
    openApi: once(() => JSON.stringify(document())),
    page: once(() => docsPageOf(document(), shop)),
    plain: once(() => plainReferenceOf(document())),
  };
  const endpoints: AnyEndpoint[] = [
    ...userEndpoints,
    ...productEndpoints,
    ...categoryEndpoints,
    ...fileEndpoints,
    ...cartEndpoints,
    ...checkoutEndpoints,
    ...orderEndpoints,
    ...figureEndpoints,
    ...paymentEndpoints,
    ...currencyEndpoints,
    ...shippingEndpoints,
    ...suggestionEndpoints,
    ...mailEndpoints,
    ...flagEndpoints,
    ...operationEndpoints(documents, docsPolicy),
    ...added,
  ];
  requireDistinct(endpoints);
  return endpoints;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** Every path right below /api that can be read, by its name, and where to begin. */
function indexOf(endpoints: readonly AnyEndpoint[]): object {
  const at = (id: string) => pathOf(endpoints.find((one) => one.id === id)?.path ?? "");
  const readable = endpoints.filter(({ method, path }) => method === "GET" && /^\/api\/[^/]+$/.test(path));
  const resources = readable
    .filter(({ id }) => id !== "getHealth")
    .map(({ path }) => [path.slice("/api/".length), path]);
  return {
    name: "Stoa REST API",
    version,
    links: {
      docs: at("getDocs"),
      openapi: at("getOpenApi"),
      health: at("getHealth"),
      jwks: at("getJwks"),
    },
    resources: Object.fromEntries([
      ...resources,
      ["search", at("searchProducts")],
      ["cart", at("getCart")],
      ["profile", at("getProfile")],
    ]) as object,
    signIn: { register: at("registerUser"), login: at("loginUser"), guest: at("createGuest") },
  };
}

function pathOf(path: string): string {
  return path.replaceAll(/:(\w+)/g, "{$1}");
}

export function openApiDocument(): OpenApi {
  return withExamples(openApiOf(apiEndpoints(), version));
}

/** Two endpoints of one id or one address would hide each other. */
function requireDistinct(endpoints: readonly AnyEndpoint[]): void {
  const known = new Set<string>();
  for (const { id, method, path } of endpoints) {
    const address = `${method} ${path.replaceAll(/:\w+/g, ":")}`;
    for (const name of [id, address]) {
      if (known.has(name))
        throw new StartError(
          `The REST API has ${id} (${method} ${path}) twice. Give one of them another id or path.`,
        );
      known.add(name);
    }
  }
}
