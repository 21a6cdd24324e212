// A real RabbitMQ for tests (*.outside.ts), of its own: node, ports, files and cookie are nobody else's, and gone when the test file ends.
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { Connection, type AsyncMessage } from "rabbitmq-client";
import { systemClock } from "#platform/kit/clock.ts";
import { freePorts } from "#platform/kit/free-ports.ts";
import { randomCode } from "#platform/kit/ids.ts";
import type { ReceivedEvent } from "./event-receiver.ts";

/** Debian's scripts as root change to the account of the package; these are the server's own, which run as whoever starts them. */
const programs = "/usr/lib/rabbitmq/bin";
/** An Erlang node takes about eight seconds to open on an idle machine. */
const openingMaxMs = 90_000;

export interface RabbitMq {
  /** With user and password; its virtual host is the default one. */
  readonly url: string;
  /** The same over TLS, where it was started with it. */
  readonly encryptedUrl: string;
  /** The port alone, for a proxy in front of it. */
  readonly port: number;
  /** Ends it as kill -9 does; what it confirmed is on its disk. */
  kill(): Promise<void>;
  /** Opens it again on the same port and files. */
  start(): Promise<void>;
  /** It goes on holding its connections, and answers nothing (SIGSTOP). */
  freeze(): void;
  thaw(): void;
  /** True makes it refuse to read from whoever publishes, as when its memory is full; false ends that. */
  setMemoryAlarm(isOn: boolean): void;
}

/** Files for TLS. */
export interface RabbitMqTls {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** Starts one, and ends it with the test file. */
export async function startRabbitMq(tls?: RabbitMqTls): Promise<RabbitMq> {
  const folder = mkdtempSync(join(tmpdir(), "stoa-rabbitmq-"));
  const [port = 0, distribution = 0, names = 0, encrypted = 0] = await freePorts(4);
  const password = randomCode(24);
  const lines = [
    `listeners.tcp.1 = 127.0.0.1:${port}`,
    "default_user = shop",
    `default_pass = ${password}`,
    "disk_free_limit.absolute = 1MB",
    ...(tls ? tlsLines(encrypted, tls) : []),
  ];
  const env = environmentOf(folder, lines, { port, distribution, names });
  // Names of Erlang nodes are looked up here; one that the node starts itself would outlive it.
  const registry = spawn("epmd", ["-port", `${names}`], { env, stdio: "ignore" });
  registry.unref();
  while (!(await isListening(names))) await systemClock.sleep(20);
  let server: ChildProcess | undefined;
  const signal = (name: NodeJS.Signals) => {
    if (server?.pid !== undefined && server.exitCode === null && server.signalCode === null)
      process.kill(-server.pid, name);
  };
  const url = `amqp://shop:${password}@127.0.0.1:${port}`;
  const start = async () => {
    server = spawn(join(programs, "rabbitmq-server"), [], { env, detached: true, stdio: "ignore" });
    // The test file ends when its tests have: what runs beside them does not keep it.
    server.unref();
    await untilOpen(url, port, () => startFault(server, folder));
  };
  const kill = async () => {
    const dying = server;
    if (!dying || dying.exitCode !== null || dying.signalCode !== null) return;
    dying.ref();
    signal("SIGKILL");
    await once(dying, "exit");
  };
  after(async () => {
    await kill();
    registry.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
  await start();
  const control = (...words: string[]) => {
    const { status, stderr } = spawnSync(join(programs, "rabbitmqctl"), words, { env, encoding: "utf8" });
    if (status !== 0) throw new Error(`rabbitmqctl ${words.join(" ")} failed: ${stderr}`);
  };
  return {
    url,
    encryptedUrl: `amqps://shop:${password}@localhost:${encrypted}`,
    port,
    kill,
    start,
    freeze: () => signal("SIGSTOP"),
    thaw: () => signal("SIGCONT"),
    setMemoryAlarm: (isOn) => control("set_vm_memory_high_watermark", isOn ? "0.0000001" : "0.4"),
  };
}

/** Writes its settings, and tells how its programs are started so that they are read. */
function environmentOf(
  folder: string,
  lines: readonly string[],
  ports: { readonly port: number; readonly distribution: number; readonly names: number },
) {
  writeFileSync(join(folder, "plugins"), "[].\n");
  writeFileSync(join(folder, "rabbitmq.conf"), `${lines.join("\n")}\n`);
  return {
    PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
    HOME: folder,
    LANG: "C.UTF-8",
    ERL_EPMD_PORT: `${ports.names}`,
    ERL_EPMD_ADDRESS: "127.0.0.1",
    RABBITMQ_NODENAME: `stoa${ports.port}@localhost`,
    RABBITMQ_DIST_PORT: `${ports.distribution}`,
    RABBITMQ_MNESIA_BASE: join(folder, "data"),
    RABBITMQ_LOG_BASE: join(folder, "log"),
    RABBITMQ_CONFIG_FILE: join(folder, "rabbitmq.conf"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, "plugins"),
    RABBITMQ_CONF_ENV_FILE: join(folder, "none"),
    // Two schedulers are enough for a test, and leave the machine to the others.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "+S 2:2",
  };
}

function tlsLines(port: number, { authority, certificate, key }: RabbitMqTls): string[] {
  return [
    `listeners.ssl.1 = 127.0.0.1:${port}`,
    `ssl_options.cacertfile = ${authority}`,
    `ssl_options.certfile = ${certificate}`,
    `ssl_options.keyfile = ${key}`,
  ];
}

function startFault(server: ChildProcess | undefined, folder: string): string | undefined {
  if (server?.exitCode === null && server.signalCode === null) return undefined;
  const log = join(folder, "log", "startup_err");
  return `RabbitMQ ended at its start: ${existsSync(log) ? readFileSync(log, "utf8").slice(-500) : "it left no word"}`;
}

/** The port opens before the default user is there: it is open when it lets that user in. */
async function untilOpen(url: string, port: number, fault: () => string | undefined): Promise<void> {
  const untilMs = systemClock.monotonicMs() + openingMaxMs;
  while (!((await isListening(port)) && (await letsIn(url)))) {
    const why = fault();
    if (why !== undefined) throw new Error(why);
    if (systemClock.monotonicMs() > untilMs) throw new Error("RabbitMQ does not open in time.");
    await systemClock.sleep(100);
  }
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  return await new Promise((resolve) => {
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}

async function letsIn(url: string): Promise<boolean> {
  const connection = new Connection({ url, retryLow: 60_000, retryHigh: 60_000 });
  const opened = new Promise<boolean>((resolve) => {
    connection.once("connection", () => resolve(true));
    connection.once("error", () => resolve(false));
  });
  const isOpen = await opened;
  if (isOpen) await connection.close();
  else connection.unsafeDestroy();
  return isOpen;
}

/** A message as a reader got it. */
export interface ReadMessage {
  readonly message: AsyncMessage;
  readonly event: ReceivedEvent;
}

export interface EventReader {
  /** Repeats included, in the order of arrival. */
  readonly read: readonly ReadMessage[];
  /** Every event, repeats included, in the order of arrival. */
  readonly events: () => readonly ReceivedEvent[];
}

/** Reads a durable queue that gets all topics of the exchange, and goes on when the broker is back. Ends with the test. */
export async function openEventReader(url: string, exchange: string): Promise<EventReader> {
  const connection = new Connection({ url, retryLow: 100, retryHigh: 300 });
  connection.on("error", () => undefined);
  const read: ReadMessage[] = [];
  const queue = `reader-${randomCode(8)}`;
  const consumer = connection.createConsumer(
    {
      queue,
      queueOptions: { durable: true },
      exchanges: [{ exchange, type: "topic", durable: true }],
      queueBindings: [{ queue, exchange, routingKey: "#" }],
    },
    (message) => {
      const event = JSON.parse((message.body as Buffer).toString()) as ReceivedEvent;
      read.push({ message, event });
    },
  );
  consumer.on("error", () => undefined);
  await once(consumer, "ready");
  // Without a word: the broker may be away, and what was not acknowledged stays in the queue.
  after(async () => {
    const closed = consumer.close().catch(() => undefined);
    connection.unsafeDestroy();
    await closed;
  });
  return { read, events: () => read.map(({ event }) => event) };
}
