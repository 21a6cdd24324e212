// Looks around in the shop, buys one thing and gives it back: what `helm test` runs. Without the simulator of payments it only looks.
import { randomUUID } from "node:crypto";

const { SHOP = "", PAYS_WITH_SIMULATOR } = process.env;

async function ask(method, path, { token, body, headers = {} } = {}) {
  const response = await fetch(SHOP + path, {
    method,
    headers: {
      ...(body ? { "content-type": "application/json" } : {}),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...headers,
    },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(20_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${text}`);
  return text === "" ? {} : JSON.parse(text);
}

const { status } = await ask("GET", "/api/health");
const { items, total } = await ask("GET", "/api/products?inStock=true&limit=1");
console.log(`The shop is ${status}; ${total} products are in stock.`);

const [product] = items;
if (PAYS_WITH_SIMULATOR !== "true") {
  console.log("Cards are charged in earnest here, so nothing is bought.");
} else if (!product) {
  console.log("There is nothing to buy yet.");
} else {
  const { token } = await ask("POST", "/api/users/guest");
  await ask("POST", "/api/cart/me/items", { token, body: { productId: product.id, quantity: 1 } });
  const order = await ask("POST", "/api/orders", {
    token,
    headers: { "idempotency-key": randomUUID() },
    body: {
      email: "helm-test@example.com",
      shippingAddress: {
        fullName: "Helm Test",
        line1: "1 Main Street",
        city: "Springfield",
        region: "IL",
        postalCode: "62701",
        country: "US",
      },
      payment: {
        type: "card",
        card: {
          number: "4242424242424242",
          expiryMonth: 12,
          expiryYear: new Date().getUTCFullYear() + 3,
          cvc: "123",
        },
      },
    },
  });
  console.log(`Order ${order.orderNumber ?? order.id} of ${product.name} was placed.`);
  const cancelled = await ask("PATCH", `/api/orders/${order.id}/status`, {
    token,
    body: { status: "cancelled" },
  });
  if (cancelled.status !== "cancelled") throw new Error(`The order is ${cancelled.status}, not cancelled.`);
  console.log("It was cancelled again, and its goods are back in stock.");
}
