// The house's own answers to the event broker port: nobody, or whoever takes CloudEvents over HTTP.
import { signatureHeader, signBody } from "#platform/auth/body-signature.ts";
import { HttpPool, passOver } from "#platform/http/http-pool.ts";
import {
  brokerPort,
  cloudEventText,
  eventsUrl,
  type Broker,
  type Publication,
  type PublishedEvent,
} from "./broker.ts";
import type { Clock } from "./clock.ts";
import { Secret, setting } from "./config.ts";
import { defineProvider } from "./extension.ts";

/** There is no broker. */
export const noBroker = defineProvider(brokerPort, { name: "none", config: {}, create: () => undefined });

const secretLengthMin = 32;
const eventsSecret = setting.optionalSecret({
  doc: `Key that events over HTTP are signed with; at least ${secretLengthMin} characters. Must be set when EVENTS_URL is http:// or https://.`,
});

/** One POST for each event, signed; a 2xx takes it. */
export const httpBroker = defineProvider(brokerPort, {
  name: "http",
  config: {
    EVENTS_URL: eventsUrl,
    EVENTS_SECRET: {
      ...eventsSecret,
      read: (text: string | undefined) => {
        const secret = eventsSecret.read(text);
        if (secret && secret.reveal().length >= secretLengthMin) return secret;
        throw new Error(`must be set to at least ${secretLengthMin} random characters`);
      },
    },
  },
  reaches: [{ setting: "EVENTS_URL", ports: { http: 80, https: 443 } }],
  create: ({ config: { EVENTS_URL = new Secret(""), EVENTS_SECRET }, clock }) =>
    openHttpBroker({ url: EVENTS_URL, secret: EVENTS_SECRET, clock }),
});

/** Why an event was not taken; away when not the event is the cause, but that nobody is there. */
interface Refusal {
  readonly reason: string;
  readonly isAway: boolean;
}

/** Too many requests, and what proxies say of who stands behind them. */
const awayStatuses = new Set([429, 502, 503, 504]);

export interface HttpBrokerOptions {
  /** User and password in it become a header of basic authentication. */
  readonly url: Secret;
  readonly secret: Secret;
  readonly clock: Clock;
  /** For one event. */
  readonly timeoutMs?: number;
}

/** Subjects at once; events of one subject go one after the other. */
const parallelMax = 8;

/**
 * Publishes over HTTP. What the receiver does not answer with a 2xx within the time has failed, and the later ones of its subject
 * are not tried. When nobody seems to be there, the rest is left for later.
 */
export function openHttpBroker({ url, secret, clock, timeoutMs = 5_000 }: HttpBrokerOptions): Broker {
  const target = new URL(url.reveal());
  const credentials = `${decodeURIComponent(target.username)}:${decodeURIComponent(target.password)}`;
  const authorization =
    credentials === ":" ? {} : { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` };
  const path = target.pathname + target.search;
  const pool = new HttpPool({ url: target, tls: undefined, connectionsMax: parallelMax });

  const post = async (event: PublishedEvent, signal: AbortSignal): Promise<Refusal | undefined> => {
    const body = Buffer.from(cloudEventText(event));
    const late = new AbortController();
    const timer = clock.after(timeoutMs, () => late.abort());
    try {
      const answer = await pool.request({
        method: "POST",
        path,
        body,
        headers: {
          "content-type": "application/cloudevents+json; charset=utf-8",
          [signatureHeader]: signBody(body, secret, clock.now()),
          ...authorization,
        },
        signal: AbortSignal.any([signal, late.signal]),
      });
      // Its answer is in the status; what else it says, or does not come to an end with, is passed over.
      await passOver(answer);
      const status = answer.statusCode ?? 0;
      if (status >= 200 && status < 300) return undefined;
      return { reason: `The receiver answered ${status}.`, isAway: awayStatuses.has(status) };
    } catch (error) {
      const isLate = signal.aborted || late.signal.aborted;
      const why = error instanceof Error ? error.message : String(error);
      const reason = isLate
        ? "The receiver did not answer in time."
        : `The receiver could not be asked: ${why}`;
      return { reason, isAway: true };
    } finally {
      timer.stop();
    }
  };

  return {
    publish: async (events, signal) => await publishBySubject(events, signal, post),
    close: async () => pool.close(),
  };
}

async function publishBySubject(
  events: readonly PublishedEvent[],
  signal: AbortSignal,
  post: (event: PublishedEvent, signal: AbortSignal) => Promise<Refusal | undefined>,
): Promise<Publication> {
  const waiting = [...Map.groupBy(events, ({ subject }) => subject).values()];
  const confirmed: string[] = [];
  const failed: { id: string; reason: string }[] = [];
  let away = 0;
  const isHopeless = () => signal.aborted || (confirmed.length === 0 && away >= parallelMax);
  const publishSubject = async (lane: readonly PublishedEvent[]) => {
    for (const event of lane) {
      if (isHopeless()) return;
      const refusal = await post(event, signal);
      if (refusal) {
        failed.push({ id: event.id, reason: refusal.reason });
        if (refusal.isAway) away += 1;
        return;
      }
      confirmed.push(event.id);
    }
  };
  const work = async () => {
    for (let lane = waiting.shift(); lane; lane = waiting.shift()) await publishSubject(lane);
  };
  await Promise.all(Array.from({ length: parallelMax }, work));
  return { confirmed, failed };
}
