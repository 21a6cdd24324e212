// One service in a process of its own: started, kept alive and ended by the launcher of the split shop.
import { spawn, type ChildProcess } from "node:child_process";
import { pause, systemClock } from "#platform/kit/clock.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { nodeOptionsOf } from "./node-options.ts";

export interface KeptService {
  readonly name: string;
  readonly environment: Record<string, string | undefined>;
  readonly operationsPort: number;
  readonly print: (line: string) => void;
}

const restartPauseMs = 500;
const readyTimeoutMs = 60_000;
const program = new URL("../main.ts", import.meta.url).pathname;
const endsWithLauncher = new URL("../bin/stop-with-launcher.mjs", import.meta.url).href;

export class ServiceKeeper {
  readonly name: string;
  readonly #kept: KeptService;
  readonly #ending = new AbortController();
  #child: ChildProcess | undefined;
  #running: Promise<void> = Promise.resolve();
  #hasBeenReady = false;
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
    const { name, operationsPort, print } = this.#kept;
    const untilMs = systemClock.monotonicMs() + readyTimeoutMs;
    while (!stop.aborted && !this.#ending.signal.aborted) {
      const answer = await fetch(`http://127.0.0.1:${operationsPort}/ready`).catch(() => undefined);
      if (answer?.ok) {
        this.#hasBeenReady = true;
        print(`${name} is open.`);
        return;
      }
      if (this.#failure) throw this.#failure;
      if (systemClock.monotonicMs() > untilMs)
        throw new StartError(
          `The ${name} service was not ready within ${readyTimeoutMs / 1000} s. Its own words stand above.`,
        );
      await pause(systemClock, 50, stop);
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
    const { name, environment, print } = this.#kept;
    const { signal } = this.#ending;
    while (!signal.aborted) {
      const child = startService(name, environment);
      this.#child = child;
      await ended(child);
      this.#child = undefined;
      if (signal.aborted) return;
      const how = child.signalCode ?? `code ${child.exitCode}`;
      if (!this.#hasBeenReady) {
        this.#failure = new StartError(
          `The ${name} service did not start (${how}). Its own words stand above.`,
        );
        return;
      }
      print(`${name} has ended by itself (${how}); it is started again.`);
      await pause(systemClock, restartPauseMs, signal);
    }
  }
}

function startService(name: string, environment: Record<string, string | undefined>): ChildProcess {
  const words = [...nodeOptionsOf(name), "--import", endsWithLauncher, program, "serve", name, "--quiet"];
  // A group of its own: Ctrl-C reaches the launcher alone, which then ends the services in order. When the launcher is
  // killed, the channel closes, and the service drains by itself.
  return spawn(process.execPath, words, {
    env: environment,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    detached: true,
  });
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
}
