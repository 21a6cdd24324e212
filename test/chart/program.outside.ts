// Probes against the program itself: each is started as its container starts it, with the chart's environment, and asked what the kubelet asks.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite, test } from "node:test";
import { freePorts } from "#platform/kit/free-ports.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { environmentOf } from "./environments.ts";
import { programOf } from "./facts.ts";
import type { Container, Probe } from "./objects.ts";
import { podsOf, render, withoutHelm, type Rendering } from "./render.ts";

const root = resolve(import.meta.dirname, "../..");
/** The setting that moves each named port to one that is free on this machine. */
const settings: Readonly<Record<string, string>> = {
  http: "PORT",
  grpc: "GRPC_PORT",
  operations: "HTTP_PORT",
};

interface Started {
  readonly container: Container;
  /** Where a port of the container is on this machine. */
  readonly addressOf: (port: string | number) => string;
}

/** Nobody that it is told of can be reached here: it is alive all the same, which is what liveness promises. */
async function withProgram(
  rendering: Rendering,
  component: string,
  use: (started: Started) => Promise<void>,
): Promise<void> {
  const objects = render(rendering);
  const pods = podsOf(objects).find((each) => each.labels["component"] === component);
  const [container] = pods?.template.spec.containers ?? [];
  assert.ok(pods && container, `No pods of ${component}.`);
  const names = Object.keys(programOf(pods, container)?.ports ?? {});
  const numbers = await freePorts(names.length);
  const local = new Map(names.map((name, at) => [name, numbers[at] ?? 0]));
  const folder = mkdtempSync(join(tmpdir(), "stoa-probes-"));
  writeFileSync(join(folder, "features.yaml"), "{}\n");
  const environment = {
    PATH: process.env["PATH"],
    ...environmentOf(container, objects),
    HOST: "127.0.0.1",
    FLAGS_FILE: join(folder, "features.yaml"),
    ...Object.fromEntries([...local].map(([name, number]) => [settings[name] ?? name, String(number)])),
  };
  const child = spawn(process.execPath, [join(root, "main.ts"), ...(container.args ?? [])], {
    cwd: folder,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => said.push(chunk.toString()));
  const ended = once(child, "exit");
  const addressOf = (port: string | number) => {
    const named = (container.ports ?? []).find((each) => each.name === port || each.containerPort === port);
    return `http://127.0.0.1:${local.get(named?.name ?? "") ?? 0}`;
  };
  try {
    const started = { container, addressOf };
    await eventually(
      `${component} is alive as its liveness probe asks`,
      async () => {
        assert.equal(child.exitCode, null, said.join(""));
        return (await ask(started, container.livenessProbe).catch(() => 0)) === 200;
      },
      60,
    );
    await use(started);
  } finally {
    child.kill("SIGKILL");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

async function ask({ addressOf }: Started, probe: Probe | undefined): Promise<number> {
  const { port, path } = probe?.httpGet ?? assert.fail("A probe of the program asks it over HTTP.");
  const headers = { "user-agent": "kube-probe/1.36" };
  return (await fetch(`${addressOf(port)}${path}`, { headers })).status;
}

suite("what probes ask", { skip: withoutHelm }, () => {
  const programs: readonly (readonly [Rendering, string])[] = [
    [{ profile: "s0" }, "storefront"],
    [{ profile: "s0" }, "gateway"],
    [{ profile: "s0" }, "catalog"],
    [{ profile: "s1" }, "backend"],
    [{}, "admin"],
    [{}, "audit"],
  ];
  for (const [rendering, component] of programs)
    test(`${component} of ${rendering.profile ?? "the defaults"} answers each of its probes at the port that they name (C14)`, async () => {
      await withProgram(rendering, component, async (started) => {
        const { startupProbe, readinessProbe } = started.container;
        // Not ready without its database, or without whom it asks: but the path is there and says so.
        for (const probe of [startupProbe, readinessProbe])
          assert.ok([200, 503].includes(await ask(started, probe)), JSON.stringify(probe));
        // A path that nobody answers is told from one that is.
        assert.equal(await ask(started, { httpGet: { path: "/healthz", port: "operations" } }), 404);
      });
    });
});
