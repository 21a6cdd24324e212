// The event broker port over AMQP 0-9-1, for RabbitMQ and whatever speaks as it does. docs/decisions/0046-events-over-amqp.md
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { AMQPError, Connection, type Channel } from "rabbitmq-client";
import {
  brokerPort,
  cloudEventText,
  eventsUrl,
  type Broker,
  type Publication,
  type PublishedEvent,
} from "./broker.ts";
import { isExampleSecret, Secret, setting } from "./config.ts";
import { defineProvider } from "./extension.ts";
import { StartError } from "./start-error.ts";

/** Every event goes to one topic exchange; queues are their readers' own. */
export const amqpBroker = defineProvider(brokerPort, {
  name: "amqp",
  config: {
    EVENTS_URL: eventsUrl,
    EVENTS_EXCHANGE: setting.text({
      default: "stoa.events",
      doc: "Exchange that events go to when EVENTS_URL is amqp:// or amqps://. One that is there is used as it is; else a durable topic exchange is made.",
    }),
    EVENTS_CA_FILE: setting.optionalText({
      doc: "File with the certificate of the authority that amqps:// is verified against; without it, those that Node.js trusts.",
    }),
  },
  reaches: [{ setting: "EVENTS_URL", ports: { amqp: 5672, amqps: 5671 } }],
  create: ({ config: { EVENTS_URL = new Secret(""), EVENTS_EXCHANGE, EVENTS_CA_FILE }, service }) =>
    openAmqpBroker({ url: EVENTS_URL, exchange: EVENTS_EXCHANGE, caFile: EVENTS_CA_FILE, name: service }),
});

export interface AmqpBrokerOptions {
  /** `amqp://user:password@host:5672/virtual-host`; amqps for TLS, by default on port 5671. */
  readonly url: Secret;
  readonly exchange: string;
  readonly caFile?: string | undefined;
  /** Whose connection it is, in the broker's own lists. */
  readonly name: string;
}

/** For the way to the broker and the greetings. */
const openingMaxMs = 5_000;
/** The client gives up a link over which nothing came for two of them; a batch gives it up sooner. */
const heartbeatSeconds = 10;
const closingMaxMs = 1_000;

/**
 * Publishes with confirms, persistent, in order: an event is sent once the one before it of its subject is confirmed, and all
 * subjects of a batch at once. A link over which anything stayed unanswered is cut, so that nothing piles up in buffers; the next
 * batch opens another one. While the broker says that it is blocked, nothing more is sent. Throws a StartError for a URL that cannot be used.
 */
export function openAmqpBroker(options: AmqpBrokerOptions): Broker {
  const { exchange } = options;
  const props = connectionProps(options);
  let link: Link | undefined;
  let isClosed = false;
  return {
    publish: async (events, signal) => {
      if (isClosed) throw new Error("The connection to the broker is closed.");
      if (!link || link.isLost()) link = openLink(props, exchange);
      return await publishOver(link, exchange, events, signal);
    },
    close: async () => {
      isClosed = true;
      if (!link) return;
      // The client waits for ever for a link that is lost.
      if (!link.isLost()) await Promise.race([link.end().catch(() => undefined), afterMs(closingMaxMs)]);
      link.cut();
    },
  };
}

async function afterMs(ms: number): Promise<void> {
  await new Promise<void>((resolve) => setTimeout(resolve, ms).unref());
}

async function publishOver(
  link: Link,
  exchange: string,
  events: readonly PublishedEvent[],
  signal: AbortSignal,
): Promise<Publication> {
  const batch = openBatch(link, signal);
  const confirmed: string[] = [];
  const failed: { id: string; reason: string }[] = [];
  const publishSubject = async (channel: Channel, lane: readonly PublishedEvent[]) => {
    for (const event of lane) {
      try {
        await batch.within(
          async () => await channel.basicPublish(envelopeOf(event, exchange), bodyOf(event)),
        );
      } catch (error) {
        if (!isNack(error)) throw error;
        return void failed.push({ id: event.id, reason: "The broker refused it, as a full queue does." });
      }
      confirmed.push(event.id);
    }
  };
  try {
    const channel = await batch.within(() => link.channel);
    const lanes = Map.groupBy(events, ({ subject }) => subject).values();
    await Promise.all(Array.from(lanes, async (lane) => await publishSubject(channel, lane)));
  } catch (error) {
    // What the broker has not read while it is blocked is no more than this batch, and is not sent again before it goes on.
    if (!link.isBlocked()) link.cut();
    if (confirmed.length === 0) throw error;
  } finally {
    batch.end();
  }
  return { confirmed: [...confirmed], failed: [...failed] };
}

/** One try to publish: whatever is waited for within it ends with the link, with the batch's time, and when the broker blocks. */
function openBatch(link: Link, signal: AbortSignal) {
  const over = Promise.withResolvers<never>();
  over.promise.catch(() => undefined);
  let ended: Error | undefined;
  const end = (why: Error) => {
    ended ??= why;
    over.reject(why);
  };
  const onAbort = () => end(new Error("The broker did not answer in time."));
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  const stopListening = link.onTrouble(end);
  return {
    /** Not begun once the try has ended: what is published to a broker that is blocked would pile up on the way. */
    within: async <T>(work: () => Promise<T>): Promise<T> => {
      if (ended) throw ended;
      return await Promise.race([over.promise, work()]);
    },
    end: () => {
      signal.removeEventListener("abort", onAbort);
      stopListening();
    },
  };
}

/** One connection with one channel. It is never opened again: whoever needs the broker afterwards opens another. */
interface Link {
  /** Rejects when it cannot be opened. */
  readonly channel: Promise<Channel>;
  isLost(): boolean;
  isBlocked(): boolean;
  /** Calls back at once and as long as it is lost or blocked. Returns how to end that. */
  onTrouble(callback: (why: Error) => void): () => void;
  /** At once and without a word. */
  readonly cut: () => void;
  /** As the protocol wants it. */
  end(): Promise<void>;
}

function openLink(props: ConnectionProps, exchange: string): Link {
  const connection = new Connection(props);
  const listeners = new Set<(why: Error) => void>();
  let trouble: Error | undefined;
  let isLost = false;
  const tell = (why: Error) => {
    trouble = why;
    for (const listener of listeners) listener(why);
  };
  const cut = () => {
    isLost = true;
    connection.unsafeDestroy();
    tell(new Error("The connection to the broker was lost."));
  };
  connection.on("error", (error: unknown) => {
    tell(new Error(`The broker cannot be reached: ${wordsOf(error)}`));
    cut();
  });
  connection.on("connection.blocked", (reason) =>
    tell(new Error(`The broker takes no messages for now: ${reason}.`)),
  );
  connection.on("connection.unblocked", () => (trouble = undefined));
  const channel = openChannel(connection, exchange);
  // Whoever waits for it learns of the failure; nobody may be waiting.
  channel.catch(() => undefined);
  return {
    channel,
    isLost: () => isLost,
    isBlocked: () => !isLost && trouble !== undefined,
    onTrouble: (callback) => {
      listeners.add(callback);
      if (trouble) callback(trouble);
      return () => listeners.delete(callback);
    },
    cut,
    end: async () => {
      await (await channel).close();
      await connection.close();
    },
  };
}

/** An exchange that somebody made is used as it is, and without the right to make one. */
async function openChannel(connection: Connection, exchange: string): Promise<Channel> {
  const first = await connection.acquire();
  const isThere = await first.exchangeDeclare({ exchange, passive: true }).then(
    () => true,
    (error: unknown) => {
      if (codeOf(error) === "NOT_FOUND") return false;
      throw error;
    },
  );
  const channel = isThere ? first : await connection.acquire();
  if (!isThere) await channel.exchangeDeclare({ exchange, type: "topic", durable: true });
  await channel.confirmSelect();
  return channel;
}

/** The event as CloudEvents' AMQP binding has it in structured mode, with the attributes once more for those who choose by headers. */
function envelopeOf(event: PublishedEvent, exchange: string) {
  const { id, source, type, subject, time } = event;
  return {
    exchange,
    // Topics bear their version, such as order.placed.v1.
    routingKey: type,
    durable: true,
    contentType: "application/cloudevents+json; charset=utf-8",
    messageId: id,
    type,
    timestamp: Math.floor(time.getTime() / 1000),
    headers: {
      cloudEvents_specversion: "1.0",
      cloudEvents_id: id,
      cloudEvents_source: source,
      cloudEvents_type: type,
      cloudEvents_subject: subject,
    },
  };
}

function bodyOf(event: PublishedEvent): Buffer {
  return Buffer.from(cloudEventText(event));
}

type ConnectionProps = Exclude<ConstructorParameters<typeof Connection>[0], string | undefined>;

function connectionProps({ url, caFile, name }: AmqpBrokerOptions): ConnectionProps {
  const parsed = new URL(url.reveal());
  const isEncrypted = parsed.protocol === "amqps:";
  const hostname = parsed.hostname.replace(/^\[(.*)\]$/, "$1");
  const [username, password, vhost] = [parsed.username, parsed.password, parsed.pathname.slice(1)].map(
    decoded,
  );
  if (!hostname || !username || !password)
    throw new StartError(
      "EVENTS_URL with amqp:// or amqps:// must name user, password and host, such as amqps://shop:password@events.example.com/.",
    );
  if (isExampleSecret(password) || (password === "guest" && !isLoopback(hostname)))
    throw new StartError(
      "The password in EVENTS_URL is an example value that anyone can look up. Choose one of your own.",
    );
  const servername = isIP(hostname) === 0 ? { servername: hostname } : {};
  const ca = caFile === undefined ? {} : { ca: certificateIn(caFile) };
  return {
    hostname,
    port: parsed.port || (isEncrypted ? "5671" : "5672"),
    username,
    password,
    vhost: vhost || "/",
    connectionName: `stoa-${name}`,
    ...(isEncrypted ? { tls: { ...servername, ...ca } } : {}),
    heartbeat: heartbeatSeconds,
    connectionTimeout: openingMaxMs,
    acquireTimeout: openingMaxMs,
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new StartError(
      "EVENTS_URL holds a % that is not followed by two hexadecimal digits; write it as %25.",
    );
  }
}

function certificateIn(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new StartError(`The file ${file}, which EVENTS_CA_FILE names, cannot be read.`, { cause: error });
  }
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function isNack(error: unknown): boolean {
  return codeOf(error) === "NACK";
}

function codeOf(error: unknown): string | undefined {
  return error instanceof AMQPError ? error.code : undefined;
}

function wordsOf(error: unknown): string {
  const { message = "", code = "" } = error as { message?: string; code?: string };
  return message || code || String(error);
}
