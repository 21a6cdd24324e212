// What comes into the services of this process, and what they ask of others: one minute of it, always on.
import { systemClock } from "#platform/kit/clock.ts";
import { Series, type Tally } from "./series.ts";

/** Routes and RPCs, or ways to neighbours; what is beyond shares one series. About half a mebibyte at the most, for each of the two. */
const seriesMax = 512;
const beyond = "others";

/** Something that is asked for: a route or an RPC. */
export interface EntranceTally extends Tally {
  readonly service: string;
  readonly kind: "http" | "rpc";
  readonly name: string;
}

/** A way from a service of this process to another service, wherever that is. */
export interface EdgeTally extends Tally {
  readonly from: string;
  readonly to: string;
}

const contractsOfOperators: ReadonlySet<string> = new Set([
  "stoa.platform.v1.ProcessService",
  "stoa.platform.v1.OperationsService",
]);

/** Whether calls of a contract are made by those who look at the shop: they are not what there is to see. */
export function isOfOperators(contract: string): boolean {
  return contractsOfOperators.has(contract);
}

/** Series found by two names without making a third one of them: noting must cost next to nothing. */
class Table {
  readonly #byFirst = new Map<string, Map<string, Series>>();
  #count = 0;

  at(first: string, second: string): Series {
    return this.#byFirst.get(first)?.get(second) ?? this.#open(first, second);
  }

  entries(): { readonly first: string; readonly second: string; readonly series: Series }[] {
    return [...this.#byFirst].flatMap(([first, row]) =>
      [...row].map(([second, series]) => ({ first, second, series })),
    );
  }

  #open(first: string, second: string): Series {
    const name = this.#count < seriesMax ? second : beyond;
    let row = this.#byFirst.get(first);
    if (!row) this.#byFirst.set(first, (row = new Map<string, Series>()));
    let series = row.get(name);
    if (!series) {
      row.set(name, (series = new Series()));
      this.#count += 1;
    }
    return series;
  }
}

const http = new Table();
const rpcs = new Table();
const edges = new Table();

// The machine's time, whatever time it is in the shop: it is the process that is looked at.
const now = () => systemClock.monotonicMs();

/** Notes a request that a listener has answered; `name` is method and route. */
export function noteRequest(service: string, name: string, ms: number, isError: boolean): void {
  http.at(service, name).note(now(), ms, isError);
}

/** Notes a call that a service has answered; `name` is contract and RPC. */
export function noteAnswer(service: string, name: string, ms: number, isError: boolean): void {
  rpcs.at(service, name).note(now(), ms, isError);
}

/** Notes a call that a service of this process has made, tries included. A refusal is an answer, not an error. */
export function noteCall(from: string, to: string, ms: number, isError: boolean): void {
  edges.at(from, to).note(now(), ms, isError);
}

/** Notes that a call is sent once more. */
export function noteRetry(from: string, to: string): void {
  edges.at(from, to).noteRetry(now());
}

/** Everything that was asked for in the last minute. */
export function entranceTallies(): EntranceTally[] {
  const nowMs = now();
  const told = (kind: "http" | "rpc", table: Table) =>
    table.entries().map(({ first, second, series }) => {
      return { service: first, kind, name: second, ...series.tally(nowMs) };
    });
  return [...told("http", http), ...told("rpc", rpcs)].filter(({ count }) => count > 0);
}

/** Every way that was gone in the last minute. */
export function edgeTallies(): EdgeTally[] {
  const nowMs = now();
  return edges
    .entries()
    .map(({ first, second, series }) => ({ from: first, to: second, ...series.tally(nowMs) }))
    .filter(({ count, retries }) => count > 0 || retries > 0);
}
