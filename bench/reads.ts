// What reading costs over HTTP: the real answer of the shop against a bare server that sends the same bytes.
import { createServer, type Server } from "node:http";
import type { BenchShop } from "./bench-shop.ts";
import { requireOnly, type LoadProcess } from "./load.ts";
import { cpuMicros, takeTurns } from "./measure.ts";
import { figure, times, type Row } from "./table.ts";

interface Sample {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

const parallel = 16;

export async function benchReads(
  shop: BenchShop,
  load: LoadProcess,
  { rounds, count, productId }: { rounds: number; count: number; productId: string },
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const path of ["/api/products?limit=24", `/api/products/${productId}`, `/product/${productId}`])
    rows.push(await benchRead(shop, load, { rounds, count, path }));
  return rows.map((row) => ({ ...row, what: row.what.replace(productId, "{id}") }));
}

async function benchRead(
  shop: BenchShop,
  load: LoadProcess,
  { rounds, count, path }: { rounds: number; count: number; path: string },
): Promise<Row> {
  const bare = await openBare(await sampleOf(shop.origin + path));
  const p99s: number[] = [];
  const askOf = (origin: string) => async () => {
    const report = await load.run({ origin, requests: [{ method: "GET", path }], count, parallel });
    const { p99Ms } = requireOnly(report, "200");
    if (origin === shop.origin) p99s.push(p99Ms);
  };
  try {
    const turns = await takeTurns(rounds, {
      shop: () => cpuMicros(count, askOf(shop.origin)),
      bare: () => cpuMicros(count, askOf(bare.origin)),
    });
    return {
      what: `GET ${path}`,
      figure: `${figure(turns.median("shop"), "µs CPU")}, p99 ${figure(Math.min(...p99s), "ms")}`,
      limit: `node:http, same bytes: ${figure(turns.median("bare"), "µs CPU")}`,
      ratio: times(turns.ratio("shop", "bare")),
    };
  } finally {
    bare.close();
  }
}

async function sampleOf(url: string): Promise<Sample> {
  const answer = await fetch(url);
  if (answer.status !== 200)
    throw new Error(`${url} answered ${answer.status}; a benchmark of it would mean nothing.`);
  const body = Buffer.from(await answer.arrayBuffer());
  const headers = Object.fromEntries(answer.headers);
  for (const name of ["date", "connection", "keep-alive", "transfer-encoding"]) delete headers[name];
  return { status: answer.status, headers: { ...headers, "content-length": String(body.length) }, body };
}

async function openBare({ status, headers, body }: Sample): Promise<{ origin: string; close(): Server }> {
  const server = createServer((_request, response) => {
    response.writeHead(status, headers);
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The bare server has no port.");
  return { origin: `http://127.0.0.1:${address.port}`, close: () => server.close() };
}
