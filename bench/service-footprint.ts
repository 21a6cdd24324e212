// What each process of the split shop holds, from its sources and from a bundle as images have it: at rest, and while guests buy.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "#platform/kit/free-ports.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { buildRoot } from "../tools/image/build-root.ts";
import { walkGuests } from "./journey-load.ts";

export interface FootprintSize {
  readonly guests: number;
  readonly parallel: number;
}

interface Held {
  readonly rssMiB: number;
  readonly pssMiB: number;
}

/** One line a service: resident and proportional mebibytes, at rest and after the guests, from source and from the bundle. */
export async function serviceFootprint(size: FootprintSize): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "stoa-footprint-"));
  try {
    const { root } = await buildRoot("all", join(folder, "image"));
    const source = await measure(join(import.meta.dirname, ".."), "main.ts", join(folder, "source"), size);
    const bundle = await measure(join(root, "app"), "code/main.js", join(folder, "bundle"), size);
    const head = [
      `MiB, RSS (PSS) | source, at rest | source, ${size.guests} guests | bundle, at rest | bundle, ${size.guests} guests`,
      "-------------- | -------------- | -------------- | -------------- | --------------",
    ];
    const lines = [...bundle].map(([name, figures]) =>
      [name, ...[...(source.get(name) ?? []), ...figures].map(cell)].join(" | "),
    );
    return [...head, ...lines].map((line) => `| ${line} |`).join("\n");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function cell({ rssMiB, pssMiB }: Held): string {
  return `${rssMiB.toFixed(0)} (${pssMiB.toFixed(0)})`;
}

async function measure(
  cwd: string,
  program: string,
  data: string,
  { guests, parallel }: FootprintSize,
): Promise<Map<string, Held[]>> {
  const [port = 0, grpcPort = 0] = await freePorts(2);
  const settings = { STOA_DATA: data, PORT: String(port), GRPC_PORT: String(grpcPort) };
  const launcher = spawn(process.execPath, [program, "serve", "split"], {
    cwd,
    env: { ...process.env, ...settings, RATE_LIMIT: "off", LOG_LEVEL: "error" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await untilOpen(launcher);
    const atRest = await heldBy(launcher);
    await walkGuests({ origin: `http://127.0.0.1:${port}`, guests, parallel });
    const after = await heldBy(launcher);
    return new Map([...atRest].map(([name, held]) => [name, [held, after.get(name) ?? held]]));
  } finally {
    launcher.kill("SIGTERM");
    if (launcher.exitCode === null && launcher.signalCode === null) await once(launcher, "exit");
  }
}

async function untilOpen(launcher: ChildProcess): Promise<void> {
  let said = "";
  launcher.stdout?.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const untilMs = systemClock.monotonicMs() + 120_000;
  while (!said.includes("audit is open")) {
    if (launcher.exitCode !== null || systemClock.monotonicMs() > untilMs)
      throw new Error(`The split shop did not open. It said:\n${said}`);
    await systemClock.sleep(100);
  }
}

/** The services among the launcher's children, by the words that started them. */
async function heldBy({ pid = 0 }: ChildProcess): Promise<Map<string, Held>> {
  const found = new Map<string, Held>();
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const read = async (file: string) => await readFile(`/proc/${entry}/${file}`, "utf8").catch(() => "");
    if (Number(/^PPid:\s+(\d+)/m.exec(await read("status"))?.[1]) !== pid) continue;
    const [, name] = /\0serve\0(\w+)\0/.exec(await read("cmdline")) ?? [];
    if (name === undefined) continue;
    const rollup = await read("smaps_rollup");
    const of = (what: string) =>
      Number(new RegExp(`^${what}:\\s+(\\d+)`, "m").exec(rollup)?.[1] ?? Number.NaN) / 1024;
    found.set(name, { rssMiB: of("Rss"), pssMiB: of("Pss") });
  }
  return found;
}
