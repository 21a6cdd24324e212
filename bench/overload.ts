// `node bench/overload.ts --seconds 60 --times 10`: far more requests than the shop can serve, from people who hang up, and then fewer
// again. What it serves in time, whom it serves, how soon it is well again, and that no order is lost or doubled.
import { parseArgs } from "node:util";
import { systemClock } from "#platform/kit/clock.ts";
import { newRandomId } from "#platform/kit/ids.ts";
import { registry } from "#platform/telemetry/metrics.ts";
import { audit, booksOf } from "../audit/audit.ts";
import { untilAtRest } from "../test/lab/rest.ts";
import { openBenchShop, type BenchShop } from "./bench-shop.ts";
import { makeGuests, orderBody, stockUp } from "./buyers.ts";
import { openLoad, type LoadProcess, type LoadReport, type LoadRequest } from "./load.ts";
import { figure, formatTable, share, type Row } from "./table.ts";

const { values: options } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    /** How many times as much as it can. */
    times: { type: "string", default: "10" },
    /** A machine that was busy otherwise may be asked again; a shop that collapses does so each time. */
    tries: { type: "string", default: "1" },
  },
});
const seconds = Number(options.seconds);
const times = Number(options.times);
const goodputMin = 0.6;
const recoveryMaxMs = 5_000;
/** One request of so many is an order. */
const orderEvery = 20;
/** Whoever looks around, or buys, does not wait longer. */
const patienceMs = { browse: 2_000, order: 10_000 };
const connections = 1_500;
const attemptSeconds = { warm: 2, capacity: 4 };

interface Verdict {
  readonly sentence: string;
  readonly isTrue: boolean;
  readonly found: string;
}

class Overload {
  readonly #shop: BenchShop;
  readonly #load: LoadProcess;
  readonly #productIds: readonly string[];
  readonly rows: Row[] = [];
  readonly verdicts: Verdict[] = [];

  constructor(shop: BenchShop, load: LoadProcess, productIds: readonly string[]) {
    this.#shop = shop;
    this.#load = load;
    this.#productIds = productIds;
  }

  async run(): Promise<void> {
    const browse = await this.#capacityOf("browse", this.#browsing());
    const order = await this.#capacityOf("order", await this.#ordering(400));
    const shareOfOrders = 1 / orderEvery;
    const mixed = 1 / ((1 - shareOfOrders) / browse + shareOfOrders / order);
    this.rows.push(
      { what: "browsing alone", figure: figure(browse, "/s"), limit: "", ratio: "" },
      { what: "orders alone", figure: figure(order, "/s"), limit: "", ratio: "" },
      { what: `one order of ${orderEvery}`, figure: figure(mixed, "/s"), limit: "computed", ratio: "" },
    );
    const rate = Math.round(mixed * times);
    const count = rate * seconds;
    const requests = await this.#mixed(count);
    const overloaded = this.#ask(requests, { count, perSecond: rate });
    // While the last who are waiting still wait, others come.
    const recovered = systemClock.sleep(seconds * 1_000).then(async () => await this.#recover(mixed * 0.5));
    const [report] = await Promise.all([overloaded, recovered]);
    this.#judge(report, { browse, order, rate });
    await this.#checkBooks(report);
  }

  /** Answers in a second, when sixteen ask again as soon as they are answered. */
  async #capacityOf(name: string, requests: readonly LoadRequest[]): Promise<number> {
    const patient = requests.map((request) => ({ ...request, patienceMs: undefined }));
    let perSecond = 50;
    for (const wanted of [attemptSeconds.warm, attemptSeconds.capacity]) {
      const count = Math.min(name === "order" ? patient.length / 2 : 20_000, Math.round(perSecond * wanted));
      const report = await this.#ask(patient, { count, parallel: 16 });
      patient.splice(0, name === "order" ? count : 0);
      const good = served(report, name);
      if (name === "order") this.#acknowledged += good;
      if (good < count) throw new Error(`The shop refuses before it is full: ${kindsOf(report)}.`);
      ({ perSecond } = report);
    }
    return perSecond;
  }

  async #ask(
    requests: readonly LoadRequest[],
    order: { readonly count: number; readonly perSecond?: number; readonly parallel?: number },
  ): Promise<LoadReport> {
    return await this.#load.run({ origin: this.#shop.origin, requests, parallel: connections, ...order });
  }

  #browsing(): LoadRequest[] {
    const paths = [
      "/api/products?limit=24",
      "/",
      ...this.#productIds.flatMap((id) => [`/product/${id}`, `/api/products/${id}`]),
    ];
    return paths.map((path) => ({ method: "GET", path, name: "browse", patienceMs: patienceMs.browse }));
  }

  /** Each from a person and with a key of its own: whatever is there twice, was done twice. */
  async #ordering(count: number): Promise<LoadRequest[]> {
    const guests = await makeGuests(this.#shop, count);
    return guests.map(({ token }, index) => ({
      method: "POST",
      path: "/api/orders",
      name: "order",
      patienceMs: patienceMs.order,
      headers: { authorization: `Bearer ${token}`, "idempotency-key": newRandomId() },
      body: JSON.stringify({
        ...orderBody,
        items: [{ productId: this.#productIds[index % this.#productIds.length], quantity: 1 }],
      }),
    }));
  }

  async #mixed(count: number): Promise<LoadRequest[]> {
    const browsing = this.#browsing();
    const orders = await this.#ordering(Math.ceil(count / orderEvery));
    return Array.from({ length: count }, (_, index) => {
      const request =
        index % orderEvery === 0 ? orders[index / orderEvery] : browsing[index % browsing.length];
      if (!request) throw new Error("There is a request for each turn.");
      return request;
    });
  }

  #judge(report: LoadReport, capacity: { browse: number; order: number; rate: number }): void {
    const good = { browse: served(report, "browse"), order: served(report, "order") };
    const asked = { browse: total(report, "browse"), order: total(report, "order") };
    // An order costs what so many pages do: each is counted as the part of a second that it takes when nobody else is there.
    const goodput = (good.browse / capacity.browse + good.order / capacity.order) / seconds;
    const shares = { browse: good.browse / asked.browse, order: good.order / asked.order };
    this.rows.push(
      {
        what: `asked for, ${times} times as much`,
        figure: figure(capacity.rate, "/s"),
        limit: `for ${seconds} s`,
        ratio: "",
      },
      { what: "work done in time", figure: share(goodput), limit: `goal: ${share(goodputMin)}`, ratio: "" },
      {
        what: "answered well",
        figure: figure((good.browse + good.order) / seconds, "/s"),
        limit: "pages and orders",
        ratio: "",
      },
      { what: "orders placed", figure: share(shares.order), limit: `${asked.order} asked for`, ratio: "" },
      { what: "pages shown", figure: share(shares.browse), limit: `${asked.browse} asked for`, ratio: "" },
      ...report.answers.map(({ kind, count, p50Ms, p99Ms }) => ({
        what: `${count} × ${kind}`,
        figure: `p50 ${figure(p50Ms, "ms")}, p99 ${figure(p99Ms, "ms")}`,
        limit: "",
        ratio: "",
      })),
    );
    this.#check(
      `At least ${share(goodputMin)} of what it can is done in time.`,
      goodput >= goodputMin,
      share(goodput),
    );
    const found = `${share(shares.order)} of the orders, ${share(shares.browse)} of the pages`;
    this.#check("Whoever buys is served before whoever looks around.", shares.order > shares.browse, found);
  }

  /** Half of what it can, second by second and by somebody else, until a whole second is served well. */
  async #recover(perSecond: number): Promise<void> {
    const count = Math.round(perSecond);
    const startedMs = systemClock.monotonicMs();
    const later = openLoad();
    let beganMs = 0;
    let isWell = false;
    while (!isWell && beganMs < 30_000) {
      beganMs = systemClock.monotonicMs() - startedMs;
      const order = { origin: this.#shop.origin, requests: this.#browsing(), parallel: 100 };
      isWell = served(await later.run({ ...order, count, perSecond }), "browse") >= count * 0.99;
    }
    await later.close();
    this.rows.push({
      what: "well again after",
      figure: figure(beganMs, "ms"),
      limit: `goal: ${figure(recoveryMaxMs, "ms")}`,
      ratio: "",
    });
    const found = isWell ? `${Math.round(beganMs)} ms` : "never";
    this.#check("It is well again within five seconds.", isWell && beganMs <= recoveryMaxMs, found);
  }

  async #checkBooks(report: LoadReport): Promise<void> {
    await untilAtRest(this.#shop);
    const kept = await this.#shop
      .database("order")
      .row<{ orders: number; people: number }>(
        "select count(*)::int as orders, count(distinct user_id)::int as people from orders where abandoned_at is null and confirmed_at is not null",
      );
    this.#check("Nobody has an order twice.", kept?.orders === kept?.people, JSON.stringify(kept));
    const acknowledged = this.#acknowledged + served(report, "order");
    const isEnough = (kept?.orders ?? 0) >= acknowledged;
    this.#check(
      "Every order that was acknowledged is there.",
      isEnough,
      `${kept?.orders} of ${acknowledged}`,
    );
    for (const { invariant, violations } of await audit(
      booksOf(this.#shop.databases),
      { restSeconds: 0 },
      systemClock,
    ))
      this.#check(invariant.sentence, violations.length === 0, violations.slice(0, 3).join("; "));
  }

  /** Orders of the capacity rounds; all of them were. */
  #acknowledged = 0;

  #check(sentence: string, isTrue: boolean, found: string): void {
    this.verdicts.push({ sentence, isTrue, found });
  }
}

/** Answered as wished, in time. */
function served({ answers }: LoadReport, name: string): number {
  return answers
    .filter(({ kind }) => /^\w+ 20[01]$/.test(kind) && kind.startsWith(name))
    .reduce((sum, { count }) => sum + count, 0);
}

function total({ answers }: LoadReport, name: string): number {
  return answers.filter(({ kind }) => kind.startsWith(name)).reduce((sum, { count }) => sum + count, 0);
}

function kindsOf({ answers }: LoadReport): string {
  return answers.map(({ kind, count }) => `${count} × ${kind}`).join(", ");
}

async function attempt(): Promise<readonly Verdict[]> {
  const load = openLoad();
  const shop = await openBenchShop({ GATEWAY_CHECKOUT_TIMEOUT_MS: "" });
  try {
    const overload = new Overload(shop, load, await stockUp(shop.database("catalog")));
    await overload.run();
    console.log(`\n${formatTable(overload.rows)}\n`);
    console.log((await registry.getSingleMetricAsString("stoa_http_shed_total")).replaceAll(/^#.*\n/gm, ""));
    return overload.verdicts;
  } finally {
    await load.close();
    await shop.close();
  }
}

let verdicts: readonly Verdict[] = [];
for (let one = 1; one <= Number(options.tries); one += 1) {
  verdicts = await attempt().catch((error: unknown) => [
    { sentence: "The shop goes through it to the end.", isTrue: false, found: String(error) },
  ]);
  const failed = verdicts.filter(({ isTrue }) => !isTrue);
  for (const { sentence, found } of failed) console.log(`FAILED  ${sentence} Found: ${found}.`);
  if (failed.length === 0) break;
}
const failures = verdicts.filter(({ isTrue }) => !isTrue).length;
console.log(`${verdicts.length - failures} passed, ${failures} failed`);
process.exit(failures === 0 ? 0 : 1);
