// A real Redis for tests, with the faults that one can have. Only for files that are skipped where redis-server is not installed.
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { systemClock } from "#platform/kit/clock.ts";
import { findProgram } from "./outside-program.ts";

export interface TestRedisOptions {
  readonly password?: string;
  /** PEM files of the server; plaintext is then closed. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca: string };
  /** Lines of redis.conf, such as "appendonly yes". */
  readonly settings?: readonly string[];
  /** Runs redis-sentinel instead. */
  readonly isSentinel?: boolean;
}

/** One server with a folder of its own; it ends with the test file. */
export class TestRedis {
  readonly port: number;
  readonly #options: TestRedisOptions;
  readonly #folder = mkdtempSync(join(tmpdir(), "stoa-redis-"));
  #process: ChildProcess | undefined;

  constructor(port: number, options: TestRedisOptions) {
    this.port = port;
    this.#options = options;
  }

  get url(): string {
    const { password, tls } = this.#options;
    return `${tls ? "rediss" : "redis"}://${password === undefined ? "" : `:${password}@`}127.0.0.1:${this.port}`;
  }

  /** Starts it on what its folder holds, and waits until it answers. */
  async start(): Promise<void> {
    const { isSentinel = false } = this.#options;
    const file = join(this.#folder, isSentinel ? "sentinel.conf" : "redis.conf");
    writeFileSync(file, this.#configuration().join("\n"));
    const program = findProgram(isSentinel ? "redis-sentinel" : "redis-server") ?? "redis-server";
    this.#process = spawn(program, [file], { stdio: "ignore" });
    const untilMs = systemClock.monotonicMs() + 10_000;
    while (this.ask("PING") !== "PONG") {
      if (systemClock.monotonicMs() > untilMs)
        throw new Error(`redis-server does not answer on ${this.port}.`);
      await systemClock.sleep(20);
    }
  }

  /** What redis-cli prints. */
  ask(...args: string[]): string {
    const { password, tls } = this.#options;
    const own = [
      ...["-h", "127.0.0.1", "-p", String(this.port)],
      ...(password === undefined ? [] : ["-a", password, "--no-auth-warning"]),
      ...(tls ? ["--tls", "--cacert", tls.ca] : []),
    ];
    const answer = spawnSync("redis-cli", [...own, ...args], { encoding: "utf8", timeout: 5_000 });
    return answer.stdout?.trim() ?? "";
  }

  /** Ends it as a power cut would; resolves when it is gone. */
  async kill(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#process?.once("exit", () => resolve()));
    this.#process?.kill("SIGCONT");
    this.#process?.kill("SIGKILL");
    await ended;
  }

  /** It no longer answers, and no connection to it breaks. */
  hang(): void {
    this.#process?.kill("SIGSTOP");
  }

  goOn(): void {
    this.#process?.kill("SIGCONT");
  }

  /** Ends it and forgets its data. */
  async remove(): Promise<void> {
    if (this.#process?.exitCode === null && this.#process.signalCode === null) await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #configuration(): string[] {
    const { password, tls, settings = [], isSentinel } = this.#options;
    return [
      "bind 127.0.0.1",
      `dir ${this.#folder}`,
      ...(tls
        ? ["port 0", `tls-port ${this.port}`, `tls-cert-file ${tls.cert}`, `tls-key-file ${tls.key}`]
        : [`port ${this.port}`]),
      ...(tls ? [`tls-ca-cert-file ${tls.ca}`, "tls-auth-clients no"] : []),
      ...(isSentinel ? [] : ['save ""', "enable-debug-command local"]),
      ...(password === undefined
        ? []
        : [`requirepass "${password}"`, ...(isSentinel ? [] : [`masterauth "${password}"`])]),
      ...settings,
      "",
    ];
  }
}

/** A running server on a free port, gone when the test file ends. */
export async function startTestRedis(options: TestRedisOptions = {}): Promise<TestRedis> {
  const redis = new TestRedis(await freePort(), options);
  after(async () => await redis.remove());
  await redis.start();
  return redis;
}

/** The same, for those who remove it themselves: what needs it to the last would end after it. */
export async function startOwnRedis(options: TestRedisOptions = {}): Promise<TestRedis> {
  const redis = new TestRedis(await freePort(), options);
  await redis.start();
  return redis;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return typeof address === "object" && address ? address.port : 0;
}
