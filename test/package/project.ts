// A merchant's project in a clean folder: made from the packed file, installed with npm, run as people run it.
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { systemClock } from "#platform/kit/clock.ts";
import { freePorts } from "#platform/kit/free-ports.ts";

const minutes = 60_000;
const openTimeoutMs = 2 * minutes;
const installTimeoutMs = 5 * minutes;

/** The environment without anything of this repository: what is run must come from the package. */
export function cleanEnvironment(): Record<string, string | undefined> {
  const path = (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => !folder.includes("node_modules"));
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("npm_"));
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter) };
}

/** Packs the repository as this version; returns the packed file. */
export async function pack(version: string, into: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    "tools/pack.ts",
    "--version",
    version,
    "--into",
    into,
  ]);
  return stdout.trim();
}

/** Installs the packed file in `folder` and makes a project with it, as `npx stoa new` does. */
export async function newProject(packed: string, folder: string, name: string): Promise<Project> {
  await mkdir(folder, { recursive: true });
  await runIn(folder, "npm", ["install", "--no-save", "--no-audit", "--no-fund", "--prefer-offline", packed]);
  await runIn(folder, join(folder, "node_modules/.bin/stoa"), ["new", name]);
  const project = new Project(join(folder, name));
  await project.install();
  return project;
}

async function runIn(folder: string, program: string, words: readonly string[]): Promise<string> {
  try {
    const { stdout, stderr } = await promisify(execFile)(program, words, {
      cwd: folder,
      env: cleanEnvironment(),
      timeout: installTimeoutMs,
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout + stderr;
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${words.join(" ")} failed:\n${stdout}${stderr}`.slice(-4_000), {
      cause: error,
    });
  }
}

export class Project {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Says in package.json which packed file is used, and installs it. */
  async use(packed: string): Promise<void> {
    const manifest = JSON.parse(await this.read("package.json")) as { dependencies: Record<string, string> };
    manifest.dependencies["stoa"] = `file:${packed}`;
    await this.write("package.json", JSON.stringify(manifest, undefined, 2));
    await this.install();
  }

  async install(): Promise<void> {
    await this.run("npm", "install", "--no-audit", "--no-fund", "--prefer-offline");
  }

  async read(path: string): Promise<string> {
    return await readFile(join(this.folder, path), "utf8");
  }

  async write(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.folder, path)), { recursive: true });
    await writeFile(join(this.folder, path), text);
  }

  async run(program: string, ...words: string[]): Promise<string> {
    return await runIn(this.folder, program, words);
  }

  /** `npm start` on free ports; resolves when the shop is ready. */
  async start(environment: Record<string, string> = {}): Promise<RunningProject> {
    const [port = 0, grpcPort = 0] = await freePorts(2);
    const child = spawn("npm", ["start"], {
      cwd: this.folder,
      env: { ...cleanEnvironment(), PORT: String(port), GRPC_PORT: String(grpcPort), ...environment },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (said += text));
    const running = new RunningProject(child, `http://127.0.0.1:${port}`, () => said);
    await running.ready();
    return running;
  }
}

export class RunningProject {
  readonly origin: string;
  readonly said: () => string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  constructor(child: ChildProcess, origin: string, said: () => string) {
    this.origin = origin;
    this.said = said;
    this.#child = child;
    // npm ends on the signal while the shop below it still drains; the pipes close when the last of them has ended.
    this.#ended = once(child, "close");
  }

  async ready(): Promise<void> {
    const untilMs = systemClock.monotonicMs() + openTimeoutMs;
    while (systemClock.monotonicMs() < untilMs && this.#child.exitCode === null) {
      const answer = await fetch(`${this.origin}/ready`).catch(() => undefined);
      if (answer?.ok) return;
      await systemClock.sleep(100);
    }
    const words = this.said();
    await this.end();
    throw new Error(`The shop of the project did not open:\n${words}`);
  }

  async text(path: string): Promise<string> {
    const answer = await fetch(this.origin + path);
    if (!answer.ok) throw new Error(`GET ${path} answered ${answer.status}: ${await answer.text()}`);
    return await answer.text();
  }

  /** A JSON request; throws when it is refused. */
  async ask<T>(method: string, path: string, body?: object, token?: string): Promise<T> {
    const headers = {
      ...(body && { "content-type": "application/json" }),
      ...(token && { authorization: `Bearer ${token}` }),
    };
    const answer = await fetch(this.origin + path, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.pid !== undefined)
      process.kill(-this.#child.pid, "SIGTERM");
    await this.#ended;
  }
}
