// `node bench/flash-sale.ts --buyers 10000 --units 100`: everybody wants one of a few units, all at once, over the REST API.
// Exactly the units are sold, everybody else is told so cleanly, and afterwards all books agree.
import { parseArgs } from "node:util";
import { systemClock } from "#platform/kit/clock.ts";
import { audit, booksOf } from "../audit/audit.ts";
import { setStock, stockState } from "../test/lab/stock.ts";
import { untilAtRest } from "../test/lab/rest.ts";
import { openBenchShop, type BenchShop } from "./bench-shop.ts";
import { makeGuests, orderBody, type Guest } from "./buyers.ts";
import { openLoad, requireOnly, type LoadProcess, type LoadReport } from "./load.ts";
import { figure, formatTable, share } from "./table.ts";

const { values: options } = parseArgs({
  options: {
    buyers: { type: "string", default: "10000" },
    units: { type: "string", default: "100" },
    /** Arrivals a second; without it, a share of the rate at which this machine refuses. */
    "per-second": { type: "string" },
  },
});
const buyers = Number(options.buyers);
const units = Number(options.units);
const productCode = "OLJCESPC7Z";
const refusalP99GoalMs = 300;
/** Arrivals that come at the very limit would wait longer and longer, on any machine. */
const shareOfCapacity = 0.7;
const connections = 512;

let passed = 0;
let failed = 0;
function check(sentence: string, isTrue: boolean, found: string): void {
  if (isTrue) passed += 1;
  else failed += 1;
  if (!isTrue) console.log(`FAILED  ${sentence} Found: ${found}.`);
}

function requestsOf(guests: readonly Guest[], productId: string) {
  return guests.map(({ token }) => ({
    method: "POST",
    path: "/api/orders",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ ...orderBody, items: [{ productId, quantity: 1 }] }),
  }));
}

/** How many a second are told that nothing is left, when nothing is left. */
async function refusalCapacity(
  shop: BenchShop,
  load: LoadProcess,
  guests: readonly Guest[],
): Promise<number> {
  const { productId } = await setStock(shop.database("catalog"), productCode, 0);
  const order = { origin: shop.origin, requests: requestsOf(guests, productId), parallel: 32 };
  let perSecond = 0;
  for (const count of [Math.min(200, buyers), Math.min(2_000, buyers)]) {
    const report = await load.run({ ...order, count });
    requireOnly(report, "409 STOCK_INSUFFICIENT");
    ({ perSecond } = report);
  }
  return perSecond;
}

async function checkBooks(shop: BenchShop, productId: string): Promise<void> {
  await untilAtRest(shop);
  const sold = await shop.database("order").row<{ count: number }>(
    `select coalesce(sum(i.quantity), 0)::int as count from order_items i join orders o on o.id = i.order_id
     where i.product_id = $1 and o.abandoned_at is null`,
    [productId],
  );
  const expected = Math.min(units, buyers);
  check("The orders hold exactly the units there were.", sold?.count === expected, String(sold?.count));
  const { onHand, reserved } = await stockState(shop.database("catalog"), productId);
  const isEmpty = onHand === units - expected && reserved === 0;
  check(
    "What was not sold is on hand, and nothing is reserved.",
    isEmpty,
    `${onHand} on hand, ${reserved} reserved`,
  );
  for (const { invariant, violations } of await audit(
    booksOf(shop.databases),
    { restSeconds: 0 },
    systemClock,
  ))
    check(invariant.sentence, violations.length === 0, violations.slice(0, 3).join("; "));
}

function checkAnswers({ answers }: LoadReport): void {
  const count = (kind: string) => answers.find((answer) => answer.kind === kind)?.count ?? 0;
  const expected = Math.min(units, buyers);
  const [sold, refused] = [count("201"), count("409 STOCK_INSUFFICIENT")];
  check("Exactly the units there were are sold.", sold === expected, `${sold} sold`);
  check("Everybody else is told that nothing is left.", refused === buyers - expected, `${refused} refused`);
  const others = answers.filter(({ kind }) => kind !== "201" && kind !== "409 STOCK_INSUFFICIENT");
  const found = others.map((answer) => `${answer.count} × ${answer.kind}`).join(", ");
  check("There is no third kind of answer.", others.length === 0, found);
}

function showAnswers({ answers, perSecond }: LoadReport, rate: number): void {
  const rows = answers.map(({ kind, count, p50Ms, p99Ms, maxMs }) => ({
    what: `${count.toLocaleString("en")} × ${kind}`,
    figure: `p50 ${figure(p50Ms, "ms")}, p99 ${figure(p99Ms, "ms")}, slowest ${figure(maxMs, "ms")}`,
    limit: kind.startsWith("409") ? `goal: p99 ${refusalP99GoalMs} ms` : "",
    ratio: kind.startsWith("409") ? share(p99Ms / refusalP99GoalMs) : "",
  }));
  const rateRow = {
    what: "decisions",
    figure: figure(perSecond, "/s"),
    limit: `arrivals: ${figure(rate, "/s")}`,
    ratio: "",
  };
  console.log(`\n${formatTable([...rows, rateRow])}\n`);
}

const load = openLoad();
const shop = await openBenchShop();
try {
  console.log(`${buyers.toLocaleString("en")} buyers for ${units.toLocaleString("en")} units.`);
  const guests = await makeGuests(shop, buyers);
  const capacity = await refusalCapacity(shop, load, guests);
  const rate =
    options["per-second"] === undefined ? capacity * shareOfCapacity : Number(options["per-second"]);
  const { productId } = await setStock(shop.database("catalog"), productCode, units);
  const report = await load.run({
    origin: shop.origin,
    requests: requestsOf(guests, productId),
    count: buyers,
    parallel: connections,
    perSecond: rate,
  });
  showAnswers(report, rate);
  checkAnswers(report);
  await checkBooks(shop, productId);
} finally {
  await load.close();
  await shop.close();
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
