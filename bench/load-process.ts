// Makes the load that bench/load.ts is asked for.
import { Pool } from "undici";
import { systemClock } from "#platform/kit/clock.ts";
import type { Answers, LoadOrder, LoadReport, LoadRequest } from "./load.ts";
import { closedLoop, percentile } from "./measure.ts";

process.on("message", (order: LoadOrder) => {
  void run(order).then((report) => process.send?.(report));
});
process.on("disconnect", () => process.exit());

async function run(order: LoadOrder): Promise<LoadReport> {
  const pool = new Pool(order.origin, { connections: order.parallel, pipelining: 1 });
  const durationsMs = new Map<string, number[]>();
  const ask = async (index: number, dueMs: number) => {
    const request = order.requests[index % order.requests.length];
    if (!request) throw new Error("A load needs at least one request.");
    const answer = await answerTo(pool, request, dueMs);
    const kind = request.name === undefined ? answer : `${request.name} ${answer}`;
    const known = durationsMs.get(kind);
    const durationMs = performance.now() - dueMs;
    if (known) known.push(durationMs);
    else durationsMs.set(kind, [durationMs]);
  };
  await openConnections(pool, order.parallel);
  const startedMs = performance.now();
  if (order.perSecond === undefined) await closedLoop(order, (index) => ask(index, performance.now()));
  else await openLoop(order, order.perSecond, ask);
  const seconds = (performance.now() - startedMs) / 1_000;
  await pool.close();
  return { seconds, perSecond: order.count / seconds, answers: [...durationsMs].map(summaryOf) };
}

/** As from a load balancer: what a new connection costs is another question than what a request costs. */
async function openConnections(pool: Pool, count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, async () => {
      // One that cannot be opened is opened by the first request that wants it, which then tells.
      const answer = await pool.request({ method: "GET", path: "/health" }).catch(() => undefined);
      await answer?.body.dump();
    }),
  );
}

async function openLoop(
  { count }: LoadOrder,
  perSecond: number,
  ask: (index: number, dueMs: number) => Promise<void>,
): Promise<void> {
  const startedMs = performance.now();
  const asked: Promise<void>[] = [];
  while (asked.length < count) {
    const due = Math.min(count, Math.floor(((performance.now() - startedMs) * perSecond) / 1_000) + 1);
    while (asked.length < due) {
      const index = asked.length;
      asked.push(ask(index, startedMs + (index * 1_000) / perSecond));
    }
    await systemClock.sleep(1);
  }
  await Promise.all(asked);
}

async function answerTo(pool: Pool, request: LoadRequest, dueMs: number): Promise<string> {
  const { method, path, headers, body, patienceMs } = request;
  const leftMs = patienceMs === undefined ? undefined : patienceMs - (performance.now() - dueMs);
  if (leftMs !== undefined && leftMs <= 0) return "hung up";
  const hangUp = new AbortController();
  const timer = leftMs === undefined ? undefined : systemClock.after(leftMs, () => hangUp.abort());
  try {
    const answer = await pool.request({
      method: method as "GET",
      path,
      signal: timer ? hangUp.signal : null,
      headers: body === undefined ? { ...headers } : { "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const text = await answer.body.text();
    const status = String(answer.statusCode);
    return answer.statusCode < 400 ? status : `${status} ${codeOf(text)}`;
  } catch (error) {
    if (hangUp.signal.aborted) return "hung up";
    return `no answer (${error instanceof Error ? error.message : String(error)})`;
  } finally {
    timer?.stop();
  }
}

function codeOf(problem: string): string {
  return /"code":"([A-Z_]+)"/.exec(problem)?.[1] ?? "without a code";
}

function summaryOf([kind, durationsMs]: [string, number[]]): Answers {
  return {
    kind,
    count: durationsMs.length,
    p50Ms: percentile(durationsMs, 0.5),
    p99Ms: percentile(durationsMs, 0.99),
    maxMs: Math.max(...durationsMs),
  };
}
