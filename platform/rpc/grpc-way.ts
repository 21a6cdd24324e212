// The way to a service in another process: a channel over all its addresses, which can be dialled anew.
import {
  Client as GrpcChannel,
  credentials,
  status,
  type ChannelCredentials,
  type ChannelOptions,
} from "@grpc/grpc-js";
import type { Clock } from "#platform/kit/clock.ts";
import type { GrpcTls } from "./grpc-tls.ts";

export interface GrpcWayOptions {
  /** host:port, http://host:port, https://host:port or dns:///host:port. */
  readonly url: string;
  readonly clock: Clock;
  /** Undefined for plaintext. */
  readonly tls?: GrpcTls | undefined;
}

const channelOptions: ChannelOptions = {
  // Kubernetes gives one name many addresses; use them all.
  "grpc.service_config": JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
  // Names are asked again when a connection ends; in a rollout the next one may end seconds later, when only new addresses are left.
  "grpc.dns_min_time_between_resolutions_ms": 1_000,
  "grpc.keepalive_time_ms": 20_000,
  "grpc.keepalive_timeout_ms": 5_000,
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 1_000,
  // Connections of its own: whoever dials anew must not get the one back that hangs.
  "grpc.use_local_subchannel_pool": 1,
};

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

  /** Whether the process at the other end answers anything at all in time; whether it can serve is not asked. Never rejects. */
  isAlive(timeoutMs: number): Promise<boolean> {
    const deadline = this.#options.clock.now().getTime() + timeoutMs;
    const asIs = (bytes: Buffer) => bytes;
    return new Promise((resolve) => {
      this.#channel.makeUnaryRequest(
        "/grpc.health.v1.Health/Check",
        asIs,
        asIs,
        Buffer.alloc(0),
        { deadline },
        (error) => resolve(!error || !silences.has(error.code)),
      );
    });
  }

  close(): void {
    this.#channel.close();
  }

  #open(): GrpcChannel {
    const { url, tls } = this.#options;
    return new GrpcChannel(targetOf(url), channelCredentials(tls), channelOptions);
  }
}

/** How channels are made: over TLS, or in plaintext without it. */
export function channelCredentials(tls: GrpcTls | undefined): ChannelCredentials {
  return tls?.channel ?? credentials.createInsecure();
}

/** What grpc-js dials for a configured URL. */
export function targetOf(url: string): string {
  if (url.startsWith("dns:")) return url;
  return `dns:///${url.replace(/^[a-z]+:\/\//, "").replace(/\/$/, "")}`;
}
