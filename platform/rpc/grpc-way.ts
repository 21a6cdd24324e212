// The way to a service in another process: a channel over all its addresses, which can be dialled anew.
import {
  Client as GrpcChannel,
  credentials,
  status,
  type ChannelCredentials,
  type ChannelOptions,
  type ServiceError,
} from "@grpc/grpc-js";
import type { Clock } from "#platform/kit/clock.ts";
import type { GrpcTls } from "./grpc-tls.ts";

export interface GrpcWayOptions {
  /** host:port, http://host:port, https://host:port, dns:///host:port, or ipv4:address:port,address:port for several. */
  readonly url: string;
  readonly clock: Clock;
  /** How requests are sent; none by default. */
  readonly compression?: keyof typeof compressionNumbers | undefined;
  /** The name that the certificate at the other end must be good for; that of the URL by default. */
  readonly host?: string | undefined;
  /** Undefined for plaintext. */
  readonly tls?: GrpcTls | undefined;
}

/** No message of the contracts is half as large: pictures have a mebibyte at most, lists come in pages. Both ends hold to it. */
export const messageBytesMax = 4 * 1024 * 1024;

/**
 * One name may have many addresses (a headless Service): calls go round all that are connected. One that lets four calls of five fail
 * while another answers is left out for five seconds, longer each time. More than a third of them (of two, one) is never left out.
 */
const balancing = {
  outlier_detection: {
    interval: seconds(3),
    base_ejection_time: seconds(5),
    max_ejection_time: seconds(30),
    max_ejection_percent: 30,
    failure_percentage_ejection: {
      threshold: 80,
      enforcement_percentage: 100,
      minimum_hosts: 2,
      request_volume: 3,
    },
    child_policy: [{ round_robin: {} }],
  },
};

function seconds(count: number) {
  return { seconds: count, nanos: 0 };
}

const channelOptions: ChannelOptions = {
  "grpc.service_config": JSON.stringify({ loadBalancingConfig: [balancing] }),
  // Nobody keeps such a configuration in DNS: asking for it costs a query each time.
  "grpc.service_config_disable_resolution": 1,
  // A lost connection makes the name be looked up again, no more often than this.
  "grpc.dns_min_time_between_resolutions_ms": 1_000,
  // A connection that went dead without a word is found while calls wait on it.
  "grpc.keepalive_time_ms": 10_000,
  "grpc.keepalive_timeout_ms": 5_000,
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 1_000,
  "grpc.max_receive_message_length": messageBytesMax,
  "grpc.max_send_message_length": messageBytesMax,
  // Connections of its own: whoever dials anew must not get the one back that hangs.
  "grpc.use_local_subchannel_pool": 1,
};

/** As the library counts them. */
const compressionNumbers = { none: 0, gzip: 2 } as const;

/** What a health check can end in without any answer having come. */
const silences: ReadonlySet<number> = new Set([
  status.CANCELLED,
  status.UNKNOWN,
  status.DEADLINE_EXCEEDED,
  status.UNAVAILABLE,
  status.INTERNAL,
]);

/** A channel to one service. Nothing is connected before the first call. */
export class GrpcWay {
  readonly #options: GrpcWayOptions;
  #channel: GrpcChannel;
  #inVain = 0;

  constructor(options: GrpcWayOptions) {
    this.#options = options;
    this.#channel = this.#open();
  }

  /** The channel for the next call. */
  get channel(): GrpcChannel {
    return this.#channel;
  }

  /** Lets calls under way end where they are; the next one finds a new connection. */
  dialAnew(): void {
    const old = this.#channel;
    this.#channel = this.#open();
    old.close();
  }

  /** For calls that no guard stands before: what came of each. Two in a row without an answer, and the connection is given up. */
  note(isAnswered: boolean): void {
    this.#inVain = isAnswered ? 0 : this.#inVain + 1;
    if (this.#inVain > 0 && this.#inVain % 2 === 0) this.dialAnew();
  }

  /** Whether the process at the other end answers anything at all in time; whether it can serve is not asked. Never rejects. */
  isAlive(timeoutMs: number): Promise<boolean> {
    const deadline = this.#options.clock.now().getTime() + timeoutMs;
    const asIs = (bytes: Buffer) => bytes;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const settle = (error: ServiceError | null) => resolve(!error || !silences.has(error.code));
    try {
      const path = "/grpc.health.v1.Health/Check";
      this.#channel.makeUnaryRequest(path, asIs, asIs, Buffer.alloc(0), { deadline }, settle);
    } catch {
      // It was closed meanwhile.
      resolve(false);
    }
    return promise;
  }

  close(): void {
    this.#channel.close();
  }

  #open(): GrpcChannel {
    const { url, host, tls, compression = "none" } = this.#options;
    return new GrpcChannel(targetOf(url), channelCredentials(tls, host), {
      ...channelOptions,
      "grpc.default_compression_algorithm": compressionNumbers[compression],
    });
  }
}

/** How channels are made: over TLS, or in plaintext without it. */
export function channelCredentials(tls: GrpcTls | undefined, host?: string): ChannelCredentials {
  if (!tls) return credentials.createInsecure();
  return host === undefined ? tls.channel : tls.channelTo(host);
}

/** What grpc-js dials for a configured URL. */
export function targetOf(url: string): string {
  if (/^(dns|ipv4|ipv6):/.test(url)) return url;
  return `dns:///${url.replace(/^[a-z]+:\/\//, "").replace(/\/$/, "")}`;
}
