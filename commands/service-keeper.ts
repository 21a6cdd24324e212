// One service in a process of its own: started, kept alive and ended by the launcher of the split shop.
import { spawn, type ChildProcess } from "node:child_process";
import { pause, systemClock } from "#platform/kit/clock.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { nodeOptionsOf } from "./node-options.ts";
import type { SplitLog } from "./split-log.ts";

export interface KeptService {
  readonly name: string;
  readonly environment: Record<string, string | undefined>;
  readonly operationsPort: number;
  readonly log: Pick<SplitLog, "say" | "follow">;
}

const readyTimeoutMs = 60_000;
/** A service that ends soon after it was ready, or before, is started again later each time, up to the most. */
const restartPauseMs = { first: 250, most: 5_000 };
const soonMs = 10_000;
const lookEveryMs = 2_000;
/** A process that answers nothing for so long is told of; one that has not for so long hangs for good, and is started again. */
const silentMs = { told: 5_000, ended: 60_000 };
const program = new URL("../main.ts", import.meta.url).pathname;
const endsWithLauncher = new URL("../bin/stop-with-launcher.mjs", import.meta.url).href;

export class ServiceKeeper {
  readonly name: string;
  readonly #kept: KeptService;
  readonly #ending = new AbortController();
  #child: ChildProcess | undefined;
  #running: Promise<void> = Promise.resolve();
  #hasBeenReady = false;
  #readySinceMs: number | undefined;
  #endsInARow = 0;
  #failure: StartError | undefined;

  constructor(kept: KeptService) {
    this.name = kept.name;
    this.#kept = kept;
  }

  /** Starts the service unless it was told to end, and again whenever it ends once it has been ready. */
  start(): void {
    this.#running = this.#keep();
  }

  /** Resolves when the service is ready, or when `stop` aborts. Throws a StartError when it ends before, or takes too long. */
  async ready(stop: AbortSignal): Promise<void> {
    const untilMs = systemClock.monotonicMs() + readyTimeoutMs;
    while (!stop.aborted && !this.#ending.signal.aborted) {
      if (this.#readySinceMs !== undefined) return;
      if (this.#failure) throw this.#failure;
      if (systemClock.monotonicMs() > untilMs)
        throw new StartError(
          `The ${this.name} service was not ready within ${readyTimeoutMs / 1000} s. Its own words stand above.`,
        );
      await pause(systemClock, 25, stop);
    }
  }

  /** Lets the service drain, and kills it when it has not ended after `graceMs`. Safe to call again. */
  async end(graceMs: number): Promise<void> {
    this.#ending.abort();
    this.#child?.kill("SIGTERM");
    const timer = systemClock.after(graceMs, () => this.#child?.kill("SIGKILL"));
    await this.#running;
    timer.stop();
  }

  async #keep(): Promise<void> {
    const { name, environment, log } = this.#kept;
    const { signal } = this.#ending;
    while (!signal.aborted) {
      const child = startService(name, environment);
      this.#child = child;
      for (const stream of [child.stdout, child.stderr])
        if (stream) log.follow(name, stream, stream === child.stderr);
      const over = new AbortController();
      const watching = this.#watch(child, over.signal);
      await ended(child);
      over.abort();
      await watching;
      this.#child = undefined;
      if (signal.aborted) return;
      const how = child.signalCode ?? `code ${child.exitCode}`;
      if (!this.#hasBeenReady) {
        this.#failure = new StartError(
          `The ${name} service did not start (${how}). Its own words stand above.`,
        );
        return;
      }
      await pause(systemClock, this.#restartPauseMs(how), signal);
    }
  }

  /** Says that it has ended, and how long to wait. */
  #restartPauseMs(how: string): number {
    const { name, log } = this.#kept;
    const sinceMs = this.#readySinceMs;
    this.#readySinceMs = undefined;
    const isSoon = sinceMs === undefined || systemClock.monotonicMs() - sinceMs < soonMs;
    this.#endsInARow = isSoon ? this.#endsInARow + 1 : 1;
    const pauseMs = Math.min(restartPauseMs.first * 2 ** (this.#endsInARow - 1), restartPauseMs.most);
    log.say(
      this.#endsInARow < 2
        ? `${name} has ended by itself (${how}); it is started again.`
        : `${name} has ended by itself again (${how}), ${this.#endsInARow} times in a row soon after its start; it is started again in ${pauseMs / 1000} s.`,
    );
    return pauseMs;
  }

  /** Says when the process is open, and when it stands still; ends one that hangs for good. */
  async #watch(child: ChildProcess, over: AbortSignal): Promise<void> {
    const { name, log } = this.#kept;
    while (!over.aborted && !(await this.#answers("/ready"))) await pause(systemClock, 50, over);
    if (over.aborted) return;
    log.say(this.#hasBeenReady ? `${name} is open again.` : `${name} is open.`);
    this.#hasBeenReady = true;
    this.#readySinceMs = systemClock.monotonicMs();
    let heardMs = systemClock.monotonicMs();
    let isTold = false;
    for (;;) {
      await pause(systemClock, lookEveryMs, over);
      if (over.aborted) return;
      const lookedMs = systemClock.monotonicMs();
      const isAlive = await this.#answers("/health");
      const silentForMs = lookedMs - heardMs;
      const seconds = Math.round(silentForMs / 1000);
      if (isAlive) {
        if (isTold) log.say(`${name} answers again, after ${seconds} s.`);
        heardMs = systemClock.monotonicMs();
        isTold = false;
      } else if (silentForMs > silentMs.ended) {
        log.say(`${name} has not answered for ${seconds} s; it is ended and started again.`);
        child.kill("SIGKILL");
        return;
      } else if (silentForMs > silentMs.told && !isTold) {
        log.say(
          `${name} does not answer. Unless it does within ${silentMs.ended / 1000} s, it is ended and started again.`,
        );
        isTold = true;
      }
    }
  }

  async #answers(path: string): Promise<boolean> {
    const signal = AbortSignal.timeout(lookEveryMs);
    const answer = await fetch(`http://127.0.0.1:${this.#kept.operationsPort}${path}`, { signal }).catch(
      () => undefined,
    );
    await answer?.arrayBuffer().catch(() => undefined);
    return answer?.ok ?? false;
  }
}

function startService(name: string, environment: Record<string, string | undefined>): ChildProcess {
  const words = [...nodeOptionsOf(name), "--import", endsWithLauncher, program, "serve", name, "--quiet"];
  // A group of its own: Ctrl-C reaches the launcher alone, which then ends the services in order. When the launcher is
  // killed, the channel closes, and the service drains by itself.
  return spawn(process.execPath, words, {
    env: environment,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    detached: true,
  });
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
}
