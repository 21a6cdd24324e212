// Runs what compose.yaml says on the small engine: its images from their root file systems, its servers from what this machine has.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { systemClock } from "#platform/kit/clock.ts";
import { findPostgresBinaries } from "#platform/postgres/postgres-binaries.ts";
import { testContext } from "../program/test-context.ts";
import { makeSecrets } from "../../commands/secrets.ts";
import { bytesOf, readCompose, type ComposeFile, type ComposeService } from "./compose-file.ts";
import { Engine, type Container } from "./engine.ts";

const repository = join(import.meta.dirname, "../..");
const healthTimeoutMs = 60_000;
const own = /^ecommerce\/([\w-]+):/;

export class ComposeShop {
  readonly file: ComposeFile;
  readonly containers = new Map<string, Container>();
  readonly #folder: string;
  readonly #roots: ReadonlyMap<string, string>;
  readonly #engine: Engine;
  readonly #servers: ChildProcess[] = [];
  readonly #doors: Server[] = [];
  readonly #ready = new Map<string, Promise<void>>();
  readonly #wanted: readonly string[];

  /** `roots` are the file systems of the images by their names. */
  constructor(folder: string, roots: ReadonlyMap<string, string>, profiles: readonly string[]) {
    this.#folder = folder;
    this.#roots = roots;
    this.file = readCompose(join(repository, "compose.yaml"), { LOG_LEVEL: "warn", RATE_LIMIT: "off" });
    const entries = Object.entries(this.file.services);
    this.#wanted = entries.flatMap(([name, { profiles: of }]) =>
      of === undefined || of.some((profile) => profiles.includes(profile)) ? [name] : [],
    );
    const membership = this.#wanted.map((name) => [name, this.#service(name).networks ?? []] as const);
    this.#engine = new Engine(folder, new Map(membership));
  }

  /** `docker compose up --wait`. */
  async up(): Promise<void> {
    const secrets = join(this.#folder, "secrets");
    await makeSecrets(testContext({ kind: "run", args: [secrets], options: {} } as never, () => undefined));
    await Promise.all(this.#wanted.map((name) => this.#start(name)));
  }

  addressOf(name: string, network?: string): string {
    return this.#engine.addressOf(name, network);
  }

  secret(name: string): string {
    return readFileSync(join(this.#folder, "secrets", name), "utf8").trim();
  }

  async down(): Promise<Map<string, number | string>> {
    const ends = new Map<string, number | string>();
    for (const door of this.#doors) door.close();
    await Promise.all([...this.containers].map(async ([name, one]) => ends.set(name, await one.stop())));
    for (const server of this.#servers.reverse()) {
      server.kill("SIGINT");
      if (server.exitCode === null && server.signalCode === null) await once(server, "exit");
    }
    this.#engine.close();
    return ends;
  }

  #service(name: string): ComposeService {
    const service = this.file.services[name];
    if (!service) throw new Error(`compose.yaml has no service ${name}.`);
    return service;
  }

  #start(name: string): Promise<void> {
    const known = this.#ready.get(name);
    if (known) return known;
    const starting = this.#startAfterOthers(name);
    this.#ready.set(name, starting);
    return starting;
  }

  async #startAfterOthers(name: string): Promise<void> {
    const service = this.#service(name);
    await Promise.all(Object.keys(service.depends_on ?? {}).map((other) => this.#start(other)));
    if (own.test(service.image)) await this.#startOwn(name, service);
    else if (name === "postgres") await this.#startPostgres();
    else if (name === "seed-ports") await this.#startHaproxy();
    else throw new Error(`This engine has no server for ${name}.`);
    for (const port of service.ports ?? []) await this.#publish(name, port);
  }

  async #startOwn(name: string, service: ComposeService): Promise<void> {
    const [, image = ""] = own.exec(service.image) ?? [];
    const root = this.#roots.get(image);
    if (root === undefined) throw new Error(`No root file system was built for ${service.image}.`);
    const secrets = (service.secrets ?? []).map((one) => {
      if (typeof one !== "string") throw new Error(`${name} wants a secret at another place.`);
      return [one, join(this.#folder, "secrets", one)] as const;
    });
    const container = this.#engine.start({
      name,
      root,
      command: [...entryPoint(), ...(service.command ?? [])],
      environment: { ...imageEnvironment, ...withoutEmpty(service.environment ?? {}) },
      networks: service.networks ?? [],
      secrets: new Map(secrets),
      uid: Number(service.user?.split(":")[0]),
      memoryBytes: bytesOf(service.deploy?.resources.limits.memory ?? ""),
    });
    this.containers.set(name, container);
    if (service.healthcheck?.disable) {
      const code = await container.ended;
      this.containers.delete(name);
      if (code !== 0) throw new Error(`${name} ended with ${code}: ${container.said()}`);
    } else await this.#untilHealthy(container, service.healthcheck?.test ?? []);
  }

  async #untilHealthy(container: Container, [kind, ...command]: readonly string[]): Promise<void> {
    if (kind !== "CMD") throw new Error(`${container.name} has no health check that runs without a shell.`);
    let end: number | string | undefined;
    void container.ended.then((code) => (end = code));
    const untilMs = systemClock.monotonicMs() + healthTimeoutMs;
    while ((await container.run(command)) !== 0) {
      if (end !== undefined || systemClock.monotonicMs() > untilMs)
        throw new Error(`${container.name} is not healthy (ended: ${String(end)}): ${container.said()}`);
      await systemClock.sleep(1_000);
    }
  }

  /** What PostgreSQL's own image does at its first start, with the PostgreSQL that npm brought. */
  async #startPostgres(): Promise<void> {
    const space = this.#engine.connect("postgres");
    const data = join(this.#folder, "postgres");
    mkdirSync(data);
    const account = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups"];
    await run(["chown", "postgres:postgres", data]);
    const { initdb, postgres } = findPostgresBinaries();
    const password = join(this.#folder, "secrets/postgres_password");
    const copied = join(data, "..", "pwfile");
    writeFileSync(copied, readFileSync(password));
    chmodSync(copied, 0o444);
    chmodSync(this.#folder, 0o755);
    const cluster = join(data, "cluster");
    await run([
      ...account,
      initdb,
      "-D",
      cluster,
      "-U",
      "postgres",
      `--pwfile=${copied}`,
      "--auth=scram-sha-256",
      "--no-sync",
    ]);
    const hba = join(cluster, "pg_hba.conf");
    writeFileSync(hba, `${readFileSync(hba, "utf8")}\nhost all all all scram-sha-256\n`);
    const options = [
      "-c",
      "listen_addresses=*",
      "-c",
      "unix_socket_directories=",
      "-c",
      "fsync=off",
      ...(this.#service("postgres").command ?? []).slice(1),
    ];
    const server = spawn("ip", ["netns", "exec", space, ...account, postgres, "-D", cluster, ...options], {
      stdio: "ignore",
    });
    this.#servers.push(server);
    await untilAnswers(this.#engine.addressOf("postgres"), 5432);
  }

  async #startHaproxy(): Promise<void> {
    const space = this.#engine.connect("seed-ports");
    const [config] = this.#service("seed-ports").configs ?? [];
    const path = join(repository, this.file.configs[config?.source ?? ""]?.file ?? "");
    const server = spawn("ip", ["netns", "exec", space, "haproxy", "-db", "-f", path], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    this.#servers.push(server);
    await untilAnswers(this.#engine.addressOf("seed-ports"), 3001);
  }

  /** "127.0.0.1:3001-3004:3001-3004" of the file, as the ports of this machine. */
  async #publish(name: string, text: string): Promise<void> {
    const [, host = "", first = "", last = first] = /^([\d.]+):(\d+)(?:-(\d+))?:/.exec(text) ?? [];
    for (let port = Number(first); port <= Number(last); port += 1) {
      const door = createServer((client) => {
        const server = connect(port, this.#engine.addressOf(name));
        client.on("error", () => server.destroy()).pipe(server);
        server.on("error", () => client.destroy()).pipe(client);
      });
      this.#doors.push(door);
      door.listen(port, host);
      await once(door, "listening");
    }
  }
}

/** As the Dockerfile says, so that what is measured is what runs. */
function entryPoint(): readonly string[] {
  const text =
    /^ENTRYPOINT (\[.*\])$/m.exec(readFileSync(join(repository, "Dockerfile"), "utf8"))?.[1] ?? "[]";
  return JSON.parse(text) as string[];
}

const imageEnvironment = Object.fromEntries(
  [...readFileSync(join(repository, "Dockerfile"), "utf8").matchAll(/^ENV (NODE_ENV=.*)$/gm)].flatMap(
    ([, line = ""]) => line.split(" ").map((pair) => pair.split("=") as [string, string]),
  ),
);

function withoutEmpty(environment: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
}

async function run([program = "", ...words]: readonly string[]): Promise<void> {
  const child = spawn(program, words, { stdio: ["ignore", "ignore", "inherit"] });
  const [code] = (await once(child, "exit")) as [number];
  if (code !== 0) throw new Error(`${program} ${words.join(" ")} ended with ${code}.`);
}

async function untilAnswers(host: string, port: number): Promise<void> {
  const untilMs = systemClock.monotonicMs() + healthTimeoutMs;
  for (;;) {
    const socket = connect(port, host);
    const isOpen = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "close").then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (isOpen) return;
    if (systemClock.monotonicMs() > untilMs) throw new Error(`Nothing answers at ${host}:${port}.`);
    await systemClock.sleep(100);
  }
}

/** Files that a container writes belong to its account. */
export function ownedBy(path: string, uid: number): void {
  chownSync(path, uid, uid);
}
