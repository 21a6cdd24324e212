// A real Prometheus (Debian's) on a folder of its own: what it scrapes, what it answers, what fires.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { systemClock } from "#platform/kit/clock.ts";
import { freePorts } from "#platform/kit/free-ports.ts";

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
}

export interface Target {
  readonly job: string;
  readonly address: string;
}

export class Prometheus {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #said: string[] = [];

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (chunk: Buffer) => {
        this.#said.push(chunk.toString());
        if (this.#said.length > 50) this.#said.shift();
      });
  }

  /** Starts it and waits until it answers. Rules are those of `<folder>/rules`. */
  static async start(folder: string, targets: readonly Target[], everyMs: number): Promise<Prometheus> {
    const [port = 0] = await freePorts(1);
    mkdirSync(folder, { recursive: true });
    const every = `${everyMs}ms`;
    const config = {
      global: { scrape_interval: every, scrape_timeout: every, evaluation_interval: every },
      rule_files: [join(folder, "rules/*.yml")],
      scrape_configs: [...new Set(targets.map(({ job }) => job))].map((job) => ({
        job_name: job,
        honor_labels: true,
        static_configs: [{ targets: targets.filter((one) => one.job === job).map(({ address }) => address) }],
      })),
    };
    writeFileSync(join(folder, "prometheus.yml"), stringify(config));
    const words = [
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ];
    const child = spawn("prometheus", words, { stdio: ["ignore", "pipe", "pipe"] });
    const started = new Prometheus(`http://127.0.0.1:${port}`, child);
    const untilMs = systemClock.monotonicMs() + 30_000;
    for (;;) {
      const answer = await fetch(`${started.url}/-/ready`).catch(() => undefined);
      if (answer?.ok) return started;
      if (child.exitCode !== null || systemClock.monotonicMs() > untilMs)
        throw new Error(`Prometheus does not start. It said:\n${started.#said.join("")}`);
      await systemClock.sleep(100);
    }
  }

  /** The names of the alerts that fire now. */
  async firing(): Promise<Set<string>> {
    const { alerts } = await this.#ask<{
      alerts: { readonly state: string; readonly labels: Readonly<Record<string, string>> }[];
    }>("/api/v1/alerts");
    return new Set(
      alerts.filter(({ state }) => state === "firing").map(({ labels }) => labels["alertname"] ?? ""),
    );
  }

  /** Asks an expression; throws what Prometheus says of one that it cannot read. */
  async query(expression: string): Promise<readonly Sample[]> {
    const { result } = await this.#ask<{ result: readonly Sample[] }>("/api/v1/query", { query: expression });
    return result;
  }

  /** The label sets that a selector has matched since the start. */
  async series(selector: string): Promise<readonly Readonly<Record<string, string>>[]> {
    return await this.#ask("/api/v1/series", { "match[]": selector });
  }

  /** What a rule says of its own evaluation, where it failed. */
  async ruleErrors(): Promise<string[]> {
    const { groups } = await this.#ask<{
      groups: { rules: { readonly name: string; readonly lastError?: string }[] }[];
    }>("/api/v1/rules");
    return groups.flatMap(({ rules }) =>
      rules.flatMap(({ name, lastError }) => (lastError ? [`${name}: ${lastError}`] : [])),
    );
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    if (this.#child.exitCode !== null) return;
    this.#child.kill("SIGTERM");
    await ended;
  }

  async #ask<T>(path: string, words: Readonly<Record<string, string>> = {}): Promise<T> {
    const answer = await fetch(`${this.url}${path}?${new URLSearchParams(words).toString()}`);
    const { status, data, error } = (await answer.json()) as { status: string; data: T; error?: string };
    if (status !== "success") throw new Error(error ?? `Prometheus answered ${answer.status}.`);
    return data;
  }
}
