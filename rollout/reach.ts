// A way to what a pod answers over HTTP, from where the person stands: through the API server, else through a tunnel of kubectl, which
// ends inside the pod and so needs no network policy to let anybody in.
import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type { Tools } from "./tool.ts";

export interface PodAnswer {
  readonly status: number;
  readonly text: string;
}

interface Tunnel {
  readonly child: ChildProcess;
  readonly port: number;
}

const proxyTimeoutMs = 4_000;
const tunnelTimeoutMs = 10_000;

/** Keeps the tunnels it had to open until it is closed. */
export class PodReach {
  readonly #tools: Tools;
  readonly #tunnels = new Map<string, Promise<Tunnel>>();
  #isProxyUseless = false;

  constructor(tools: Tools) {
    this.#tools = tools;
  }

  /** Asks a pod; undefined when no way leads to it. */
  async get(pod: string, port: number, path: string): Promise<PodAnswer | undefined> {
    return (await this.#byProxy(pod, port, path)) ?? (await this.#byTunnel(pod, port, path));
  }

  close(): void {
    for (const tunnel of this.#tunnels.values())
      void tunnel.then(({ child }) => child.kill()).catch(() => undefined);
    this.#tunnels.clear();
  }

  async #byProxy(pod: string, port: number, path: string): Promise<PodAnswer | undefined> {
    if (this.#isProxyUseless) return undefined;
    const raw = `/api/v1/namespaces/${await this.#namespace()}/pods/${pod}:${port}/proxy${path}`;
    try {
      const text = await this.#tools.kubectl(["get", "--raw", raw], { timeoutMs: proxyTimeoutMs });
      return { status: 200, text };
    } catch {
      // Forbidden, or shut off by a policy: it will be so for the next pod as well.
      this.#isProxyUseless = true;
      return undefined;
    }
  }

  #named: Promise<string> | undefined;

  async #namespace(): Promise<string> {
    const at = this.#tools.kubectlWords.indexOf("--namespace");
    const said = at === -1 ? undefined : this.#tools.kubectlWords[at + 1];
    const ask = async () => {
      const view = ["config", "view", "--minify", "--output", "jsonpath={..namespace}"];
      return (await this.#tools.kubectl(view)).trim() || "default";
    };
    return said ?? (await (this.#named ??= ask()));
  }

  async #byTunnel(pod: string, port: number, path: string): Promise<PodAnswer | undefined> {
    const name = `${pod}:${port}`;
    try {
      const opened = this.#tunnels.get(name) ?? this.#open(pod, port);
      this.#tunnels.set(name, opened);
      const { port: here } = await opened;
      const answer = await fetch(`http://127.0.0.1:${here}${path}`, {
        signal: AbortSignal.timeout(tunnelTimeoutMs),
        redirect: "manual",
      });
      return { status: answer.status, text: await answer.text() };
    } catch {
      const broken = this.#tunnels.get(name);
      this.#tunnels.delete(name);
      void broken?.then(({ child }) => child.kill()).catch(() => undefined);
      return undefined;
    }
  }

  async #open(pod: string, port: number): Promise<Tunnel> {
    const words = [...this.#tools.kubectlWords, "port-forward", `pod/${pod}`, `:${port}`];
    const child = spawn("kubectl", [...words, "--address", "127.0.0.1"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    const timer = setTimeout(() => child.kill(), tunnelTimeoutMs);
    return await new Promise<Tunnel>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", () => reject(new Error("The tunnel ended.")));
      createInterface({ input: child.stdout }).on("line", (line) => {
        const [, here] = /127\.0\.0\.1:(\d+) ->/.exec(line) ?? [];
        if (here === undefined) return;
        clearTimeout(timer);
        resolve({ child, port: Number(here) });
      });
    });
  }
}
