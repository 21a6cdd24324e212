// The ports of other architectures of this shop, asked by the URLs that those name.
import pg from "pg";
import type { ComposeShop } from "./compose-shop.ts";

type Check = (what: string, isSo: boolean, more?: string) => void;

const places = [
  { ports: [3001, 4002], service: "catalog", asks: "/api/products" },
  { ports: [3002, 4001], service: "user", asks: "/api/users/profile" },
  { ports: [3003, 4003], service: "order", asks: "/api/orders" },
  { ports: [3004], service: "cart", asks: "/api/cart/me" },
] as const;

export async function checkSeedPorts(shop: ComposeShop, check: Check): Promise<void> {
  const guest = (await (await fetch("http://localhost:3002/api/users/guest", { method: "POST" })).json()) as {
    token: string;
  };
  const headers = { authorization: `Bearer ${guest.token}` };
  for (const { ports, service, asks } of places)
    for (const port of ports) {
      const origin = `http://localhost:${port}`;
      const status = async (path: string) => (await fetch(origin + path, { headers })).status;
      // A guest has no profile: that it is refused by the user service in words is an answer.
      const expected = asks.endsWith("profile") ? [200, 401, 403, 404] : [200];
      const answered = await status(asks);
      check(`${origin}${asks} answers`, expected.includes(answered), String(answered));
      for (const path of ["/health", "/ready"])
        check(`${origin}${path} answers`, (await status(path)) === 200);
      const metrics = await (await fetch(`${origin}/metrics`)).text();
      check(`${origin}/metrics is that of ${service}`, metrics.includes(`service="${service}"`));
    }
  for (const [port, name, service] of [
    [5433, "users_db", "user"],
    [5434, "products_db", "catalog"],
    [5435, "orders_db", "order"],
  ] as const) {
    const url = new URL(shop.secret(`${service}_database_url`));
    url.host = `localhost:${port}`;
    check(`${name} is entered on port ${port}`, (await databaseAt(url.href)) === name);
  }
}

async function databaseAt(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    const { rows } = await client.query<{ name: string }>("select current_database() as name");
    return rows[0]?.name ?? "";
  } catch (error) {
    return String(error);
  } finally {
    await client.end();
  }
}
