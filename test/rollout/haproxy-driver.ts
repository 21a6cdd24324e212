// Versions of one service as processes behind HAProxy, for the same rollout that a cluster gets: HAProxy's weights are the traffic, and a
// process takes part as soon as it is ready.
import type { Driver, Health, Standing, Version } from "../../rollout/driver.ts";
import { readFigures, type Readings } from "../../rollout/figures.ts";
import { slotOf, slotsOf, type RolloutState, type Strategy } from "../../rollout/plan.ts";
import type { ShopProcess } from "../lab/shop-process.ts";
import type { HaproxyAdmin } from "./haproxy-admin.ts";
import { startGently } from "./start-gently.ts";

/** A line of the backend that a process can stand behind. */
export interface Seat {
  /** As HAProxy calls it, such as `v1-2`; of a rolling update, `pod-1`. */
  readonly name: string;
  readonly slot: string;
  readonly process: ShopProcess;
}

export interface HaproxyDriverOptions {
  readonly service: string;
  readonly strategy: Strategy;
  readonly seats: readonly Seat[];
  readonly admin: HaproxyAdmin;
  readonly replicas: number;
  /** Where the program of a version lies. */
  readonly trees: ReadonlyMap<string, string>;
  /** What is looked at before a colour gets traffic. */
  readonly tried: readonly string[];
}

/** HAProxy takes up to 256; in a hundred parts a percent is one for a slot of one process. */
const weightMax = 100;

export class HaproxyDriver implements Driver {
  readonly service: string;
  readonly changes: string[] = [];
  readonly #options: HaproxyDriverOptions;
  readonly #tags = new Map<Seat, string>();
  readonly #faults = new Map<string, string>();
  #state: RolloutState;
  #previous: string | undefined;
  #rolling: { isOver: boolean; done: Promise<void> } = { isOver: true, done: Promise.resolve() };

  constructor(options: HaproxyDriverOptions) {
    const { service, strategy, replicas } = options;
    const [active = "", other] = slotsOf[strategy];
    this.service = service;
    this.#options = options;
    this.#state = {
      strategy,
      active,
      to: "",
      slots: {
        [active]: { tag: "this", replicas, weight: 100 },
        ...(other === undefined ? {} : { [other]: { tag: "", replicas: 0, weight: 0 } }),
      },
    };
  }

  /** Starts what runs before the first rollout. */
  async open(): Promise<void> {
    if (this.#state.strategy === "rolling") {
      for (const seat of this.#options.seats.slice(0, this.#options.replicas))
        await this.#start(seat, "this");
      await this.#balance();
    } else await this.apply(this.#state);
  }

  async read(): Promise<Standing> {
    return await Promise.resolve({ state: this.#state, replicas: this.#options.replicas });
  }

  async apply(state: RolloutState): Promise<void> {
    const before = this.#state;
    this.#state = state;
    this.changes.push(
      Object.entries(state.slots)
        .map(([name, { tag, replicas, weight }]) => `${name} ${tag} ${replicas} at ${weight} %`)
        .join(", "),
    );
    if (state.strategy === "rolling") return await this.#roll(slotOf(before, "").tag, slotOf(state, "").tag);
    await Promise.all(this.#missing().map(async ({ seat, tag }) => await this.#start(seat, tag)));
    await this.#balance();
    await Promise.all(this.#surplus().map(async (seat) => await this.#end(seat)));
    await this.#balance();
  }

  async health({ slot, tag }: Version): Promise<Health> {
    const seats = this.#seatsOf(slot, tag);
    const answers = await Promise.all(seats.map(async ({ process }) => await process.isReady()));
    const fault = this.#faults.get(tag) ?? seats.flatMap((seat) => this.#endedByItself(seat))[0];
    const wanted = slotOf(this.#state, slot).replicas;
    return { wanted, ready: answers.filter(Boolean).length, ...(fault === undefined ? {} : { fault }) };
  }

  async readings({ slot, tag }: Version): Promise<Readings> {
    const read = await Promise.all(
      this.#seatsOf(slot, tag).map(async ({ name, process }) => {
        const answer = await fetch(`http://${process.host}:${process.operationsPort}/metrics`).catch(
          () => undefined,
        );
        return answer?.ok ? [[`${name}/${process.pid}`, readFigures(await answer.text())] as const] : [];
      }),
    );
    return new Map(read.flat());
  }

  async tryOut({ slot, tag }: Version): Promise<string | undefined> {
    for (const { name, process } of this.#seatsOf(slot, tag))
      for (const path of this.#options.tried) {
        const answer = await fetch(`http://${process.host}:${process.httpPort}${path}`).catch(
          () => undefined,
        );
        if (answer === undefined || answer.status >= 500)
          return `${name} answers ${path} with ${answer?.status ?? "nothing"}.`;
      }
    return undefined;
  }

  async findPrevious(): Promise<string | undefined> {
    return await Promise.resolve(this.#previous);
  }

  /** How many requests each slot has been given so far. */
  async given(): Promise<Map<string, number>> {
    const given = await this.#options.admin.given(this.service);
    const bySlot = new Map<string, number>();
    for (const { name, slot } of this.#options.seats)
      bySlot.set(slot, (bySlot.get(slot) ?? 0) + (given.get(name) ?? 0));
    return bySlot;
  }

  /** A rolling update goes on by itself, one process after another; the next one ends it where it is. */
  async #roll(from: string, tag: string): Promise<void> {
    this.#rolling.isOver = true;
    await this.#rolling.done;
    this.#previous = from;
    const rolling = { isOver: false, done: Promise.resolve() };
    rolling.done = this.#replaceAll(tag, rolling).catch((error: unknown) => {
      this.#faults.set(tag, error instanceof Error ? error.message : String(error));
    });
    this.#rolling = rolling;
  }

  async #replaceAll(tag: string, rolling: { readonly isOver: boolean }): Promise<void> {
    for (;;) {
      const old = [...this.#tags].find(([, is]) => is !== tag)?.[0];
      if (old === undefined || rolling.isOver) return;
      const free = this.#options.seats.find((seat) => !this.#tags.has(seat));
      if (free === undefined) throw new Error("There is no seat for one more process.");
      await this.#start(free, tag);
      await this.#balance();
      await this.#end(old);
    }
  }

  #missing(): { seat: Seat; tag: string }[] {
    return Object.entries(this.#state.slots).flatMap(([slot, { tag, replicas }]) => {
      const seats = this.#options.seats.filter((seat) => seat.slot === slot);
      const free = seats.filter((seat) => !this.#tags.has(seat));
      return free
        .slice(0, Math.max(0, replicas - (seats.length - free.length)))
        .map((seat) => ({ seat, tag }));
    });
  }

  #surplus(): Seat[] {
    return Object.entries(this.#state.slots).flatMap(([slot, { replicas }]) =>
      this.#options.seats.filter((seat) => seat.slot === slot && this.#tags.has(seat)).slice(replicas),
    );
  }

  #seatsOf(slot: string, tag: string): Seat[] {
    return this.#options.seats.filter((seat) => seat.slot === slot && this.#tags.get(seat) === tag);
  }

  async #start(seat: Seat, tag: string): Promise<void> {
    const tree = this.#options.trees.get(tag);
    if (tree === undefined) throw new Error(`There is no version ${tag}.`);
    seat.process.tree = tree;
    this.#tags.set(seat, tag);
    try {
      await startGently(seat.process);
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      const [why = "it said nothing"] = said.split("\n").filter((line) => line.startsWith("Error: "));
      this.#faults.set(tag, `${seat.name} does not start: ${why}`);
      return;
    }
    await this.#options.admin.set(`set server ${this.service}/${seat.name} state ready`);
  }

  /** Nobody is sent to it any more, then it is told to end. */
  async #end(seat: Seat): Promise<void> {
    this.#tags.delete(seat);
    await this.#options.admin.set(`set server ${this.service}/${seat.name} state drain`);
    await seat.process.end();
    await this.#options.admin.set(`set server ${this.service}/${seat.name} state maint`);
  }

  /** Divides the share of each slot among its processes. */
  async #balance(): Promise<void> {
    for (const [slot, { weight }] of Object.entries(this.#state.slots)) {
      const seats = this.#options.seats.filter((seat) => seat.slot === slot && this.#tags.has(seat));
      const each = Math.round((weight * weightMax) / 100 / Math.max(1, seats.length));
      for (const { name } of seats)
        await this.#options.admin.set(`set server ${this.service}/${name} weight ${each}`);
    }
  }

  #endedByItself(seat: Seat): string[] {
    return seat.process.isRunning ? [] : [`${seat.name} has ended by itself.`];
  }
}
