// People who ask for one page after another at a steady rate, on connections that are kept and on ones that are not. Nothing is asked twice.
import { Pool } from "undici";
import { systemClock } from "#platform/kit/clock.ts";
import type { Failure } from "./load.ts";

export interface Visits {
  readonly failures: readonly Failure[];
  requests(): number;
  /** Resolves when what is under way is answered. */
  end(): Promise<void>;
}

const underWayMax = 16;
const answerWithinMs = 20_000;

export function beginVisits(origin: string, paths: readonly string[], perSecond: number): Visits {
  const pool = new Pool(origin, { connections: 24, pipelining: 1, keepAliveTimeout: 60_000 });
  const underWay = new Set<Promise<void>>();
  const failures: Failure[] = [];
  let requests = 0;
  let isOpen = true;
  const visit = async (path: string): Promise<void> => {
    requests += 1;
    const outcome = await pool
      .request({
        method: "GET",
        path,
        reset: requests % 3 === 0,
        headersTimeout: answerWithinMs,
        bodyTimeout: answerWithinMs,
      })
      .then(async (answer) => {
        const text = await answer.body.text();
        return answer.statusCode < 400 ? undefined : `${answer.statusCode} ${text.slice(0, 300)}`;
      })
      .catch((error: unknown) => `0 ${String(error)}`);
    if (outcome !== undefined)
      failures.push({ at: systemClock.now().toISOString(), what: `GET ${origin}${path}`, outcome });
  };
  const running = (async () => {
    const beganMs = systemClock.monotonicMs();
    for (let due = 0; isOpen; await systemClock.sleep(10)) {
      const elapsed = ((systemClock.monotonicMs() - beganMs) / 1000) * perSecond;
      for (; due < elapsed; due += 1) {
        if (underWay.size >= underWayMax) continue;
        const visiting = visit(paths[due % paths.length] ?? "/").finally(() => underWay.delete(visiting));
        underWay.add(visiting);
      }
    }
  })();
  const end = async () => {
    isOpen = false;
    await running;
    await Promise.all(underWay);
    await pool.close();
  };
  let ending: Promise<void> | undefined;
  return { failures, requests: () => requests, end: async () => await (ending ??= end()) };
}
