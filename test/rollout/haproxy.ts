// HAProxy before the replicas of the edges: it asks each for its readiness, and sends requests to those that are ready.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "#platform/kit/clock.ts";
import { findProgram } from "#platform/testing/outside-program.ts";
import type { ShopProcess } from "../lab/shop-process.ts";

export interface BehindHaproxy {
  readonly name: string;
  /** Where HAProxy listens for it. */
  readonly port: number;
  readonly replicas: readonly Replica[];
}

export interface Replica extends Pick<ShopProcess, "name" | "host" | "httpPort" | "operationsPort"> {
  /** Gets nothing until HAProxy is told over its runtime interface. */
  readonly isIdle?: true;
}

/** Where the runtime interface is, below the folder of the shop. */
export const adminSocketName = "haproxy.sock";

const openTimeoutMs = 5_000;

/** Starts HAProxy; returns how to end it. */
export async function openHaproxy(
  folder: string,
  services: readonly BehindHaproxy[],
): Promise<{ close(): Promise<void> }> {
  const program = findProgram("haproxy");
  if (program === undefined) throw new Error("HAProxy is not installed (Debian: haproxy).");
  const file = join(folder, "haproxy.cfg");
  await writeFile(file, configuration(services, join(folder, adminSocketName)));
  const child = spawn(program, ["-q", "-db", "-f", file], { stdio: ["ignore", "inherit", "inherit"] });
  const ended = once(child, "exit");
  const untilMs = systemClock.monotonicMs() + openTimeoutMs;
  for (const { port } of services) {
    while (!(await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined))) {
      if (child.exitCode !== null || systemClock.monotonicMs() > untilMs)
        throw new Error(`HAProxy does not listen on ${port}.`);
      await systemClock.sleep(20);
    }
  }
  return {
    close: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** What docs/operate/rolling-updates.md advises. */
function configuration(services: readonly BehindHaproxy[], socket: string): string {
  const head = [
    "global",
    "  maxconn 4000",
    `  stats socket ${socket} mode 600 level admin`,
    "defaults",
    "  mode http",
    "  timeout connect 2s",
    "  timeout client 75s",
    "  timeout server 75s",
    "  timeout http-request 10s",
    "  timeout check 2s",
    "  option redispatch",
    "  option httpchk GET /ready",
    "  http-check expect status 200",
    "  default-server check inter 500ms fall 2 rise 1",
  ];
  const parts = services.flatMap(({ name, port, replicas }) => [
    `frontend ${name}-front`,
    `  bind 127.0.0.1:${port}`,
    `  default_backend ${name}`,
    `backend ${name}`,
    "  balance roundrobin",
    ...replicas.map(
      ({ name: replica, host, httpPort, operationsPort, isIdle }) =>
        `  server ${replica} ${host}:${httpPort} check port ${operationsPort}${isIdle ? " disabled" : ""}`,
    ),
  ]);
  return [...head, ...parts, ""].join("\n");
}
