// Figures of versions from a Prometheus that scrapes their pods.
import { StartError } from "#platform/kit/start-error.ts";
import type { Clock } from "#platform/kit/clock.ts";
import type { Version } from "./driver.ts";
import { operationsRoutes, rpcFaults, type Bucket, type Figures } from "./figures.ts";
import type { Observer } from "./observe.ts";

export interface PrometheusOptions {
  readonly url: string;
  readonly clock: Clock;
  /** Names of the pods of a version. */
  readonly podsOf: (version: Version) => Promise<readonly string[]>;
}

/** Two scrapes must lie in it, at the usual quarter or half of a minute. */
const recentSeconds = 60;
const patienceMs = 10_000;

export class PrometheusObserver implements Observer {
  readonly #options: PrometheusOptions;
  readonly #begun = new Map<string, number>();

  constructor(options: PrometheusOptions) {
    this.#options = options;
  }

  async begin({ slot, tag }: Version): Promise<void> {
    this.#begun.set(`${slot}/${tag}`, this.#options.clock.monotonicMs());
    // Asked once, so that a wrong address is known before anything is judged by it.
    await this.#ask("vector(1)");
  }

  async look(version: Version): Promise<{ recent: Figures; whole: Figures }> {
    const { clock, podsOf } = this.#options;
    const pods = await podsOf(version);
    const begunMs = this.#begun.get(`${version.slot}/${version.tag}`) ?? clock.monotonicMs();
    const wholeSeconds = Math.max(recentSeconds, Math.round((clock.monotonicMs() - begunMs) / 1000));
    const recent = await this.#figures(pods, recentSeconds);
    return { recent, whole: await this.#figures(pods, wholeSeconds) };
  }

  async #figures(pods: readonly string[], seconds: number): Promise<Figures> {
    if (pods.length === 0) return { requests: 0, errors: 0, buckets: [] };
    const { requests, httpErrors, rpcErrors, buckets } = queriesOf(pods, seconds);
    const [count = 0, http = 0, rpc = 0] = await Promise.all(
      [requests, httpErrors, rpcErrors].map(async (query) =>
        Math.round((await this.#ask(query))[0]?.value ?? 0),
      ),
    );
    const found = (await this.#ask(buckets)).map(({ le, value }): Bucket => ({
      bound: le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le),
      count: value,
    }));
    return { requests: count, errors: http + rpc, buckets: found.sort((a, b) => a.bound - b.bound) };
  }

  async #ask(query: string): Promise<{ le: string | undefined; value: number }[]> {
    const { url } = this.#options;
    try {
      const answer = await fetch(
        `${url.replace(/\/$/, "")}/api/v1/query?query=${encodeURIComponent(query)}`,
        {
          signal: AbortSignal.timeout(patienceMs),
        },
      );
      if (!answer.ok) throw new Error(`It answered ${answer.status}.`);
      const { data } = (await answer.json()) as { data: { result: Sample[] } };
      return data.result.map(({ metric, value }) => ({ le: metric.le, value: Number(value[1]) }));
    } catch (error) {
      throw new StartError(
        `The Prometheus at ${url} does not answer. Name another, or leave --prometheus out.`,
        {
          cause: error,
        },
      );
    }
  }
}

interface Sample {
  readonly metric: { readonly le?: string };
  readonly value: readonly [number, string];
}

function queriesOf(pods: readonly string[], seconds: number) {
  const who = `pod=~"${pods.join("|")}"`;
  const routes = `http_route!~"${operationsRoutes.join("|")}"`;
  const increase = (selector: string) => `increase(${selector}[${seconds}s])`;
  const both = (part: string) =>
    increase(`{__name__=~"(http_server_request|rpc_server_call)_duration_seconds_${part}",${who},${routes}}`);
  return {
    requests: `sum(${both("count")})`,
    httpErrors: `sum(${increase(`http_server_request_duration_seconds_count{${who},${routes},http_response_status_code=~"5.."}`)})`,
    rpcErrors: `sum(${increase(`rpc_server_call_duration_seconds_count{${who},rpc_response_status_code=~"${rpcFaults.join("|")}"}`)})`,
    buckets: `sum by (le) (${both("bucket")})`,
  };
}
