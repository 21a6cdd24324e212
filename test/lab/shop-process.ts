// One service of a linked shop in a process of its own, in the hands of the test: it starts, ends, dies and stands still when told to.
import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { systemClock } from "#platform/kit/clock.ts";
import { nodeOptionsOf } from "../../commands/node-options.ts";

export interface ShopProcessOptions {
  /** Unique in the shop: the service, with a number from the second replica on. */
  readonly name: string;
  readonly service: string;
  readonly host: string;
  readonly grpcPort: number;
  readonly httpPort: number;
  readonly operationsPort: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where the program lies. */
  readonly tree: string;
}

const readyTimeoutMs = 60_000;
const endTimeoutMs = 30_000;
const linesMax = 200;
const endsWithLauncher = new URL("../../bin/stop-with-launcher.mjs", import.meta.url).href;

export class ShopProcess {
  readonly name: string;
  readonly service: string;
  readonly host: string;
  readonly grpcPort: number;
  readonly httpPort: number;
  readonly operationsPort: number;
  readonly #options: ShopProcessOptions;
  /** What the next start gets; a test may change it between two starts. */
  environment: Readonly<Record<string, string | undefined>>;
  /** The copy of the program that the next start runs: another release, say. */
  tree: string;
  readonly #lines: string[] = [];
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(options: ShopProcessOptions) {
    this.#options = options;
    this.name = options.name;
    this.service = options.service;
    this.host = options.host;
    this.grpcPort = options.grpcPort;
    this.httpPort = options.httpPort;
    this.operationsPort = options.operationsPort;
    this.environment = options.environment;
    this.tree = options.tree;
  }

  /** Another process of the same service with the same settings, on another address; not started. */
  beside(host: string): ShopProcess {
    const { environment, tree } = this;
    return new ShopProcess({ ...this.#options, host, tree, environment: { ...environment, HOST: host } });
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  /** The last lines it said, over all its lives. */
  said(): readonly string[] {
    return this.#lines;
  }

  /** Starts it and waits until it is ready. */
  async start(): Promise<void> {
    this.spawn();
    await this.untilReady();
  }

  /** Starts it. */
  spawn(): void {
    if (this.#child) throw new Error(`${this.name} runs already.`);
    const program = join(this.tree, "main.ts");
    const words = [...nodeOptionsOf(this.service), "--import", endsWithLauncher, program];
    const child = spawn(process.execPath, [...words, "serve", this.service, "--quiet"], {
      cwd: this.tree,
      env: this.environment,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      if (stream) createInterface({ input: stream }).on("line", (line) => this.#keep(line));
    this.#ended = new Promise((resolve) => {
      const over = () => {
        if (this.#child === child) this.#child = undefined;
        resolve();
      };
      child.once("exit", over).once("error", over);
    });
  }

  async isReady(): Promise<boolean> {
    const answer = await fetch(`http://${this.host}:${this.operationsPort}/ready`, {
      signal: AbortSignal.timeout(2_000),
    }).catch(() => undefined);
    await answer?.arrayBuffer().catch(() => undefined);
    return answer?.ok ?? false;
  }

  /** Waits until it says that it is ready. Throws what it said last when it ends before. */
  async untilReady(timeoutMs = readyTimeoutMs): Promise<void> {
    const untilMs = systemClock.monotonicMs() + timeoutMs;
    while (!(await this.isReady())) {
      if (!this.isRunning || systemClock.monotonicMs() > untilMs)
        throw new Error(
          `${this.name} ${this.isRunning ? "is not ready" : "has ended"}. It said:\n${this.#lines.slice(-20).join("\n")}`,
        );
      await systemClock.sleep(30);
    }
  }

  /** SIGKILL: nothing is closed or flushed. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child?.kill("SIGKILL");
    await this.#ended;
  }

  /** SIGSTOP: it stands still with all its connections, until `continue`. */
  stop(): void {
    this.#child?.kill("SIGSTOP");
  }

  continue(): void {
    this.#child?.kill("SIGCONT");
  }

  /** SIGTERM: it drains. Resolves when it has ended; one that does not is killed, and that is an error. */
  async end(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    child.kill("SIGCONT");
    child.kill("SIGTERM");
    let isLate = false;
    const timer = systemClock.after(endTimeoutMs, () => {
      isLate = true;
      child.kill("SIGKILL");
    });
    await this.#ended;
    timer.stop();
    if (isLate) throw new Error(`${this.name} did not end within ${endTimeoutMs / 1000} s of SIGTERM.`);
  }

  #keep(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > linesMax) this.#lines.shift();
  }
}
