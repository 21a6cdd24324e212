// Asks a service in another process whether it serves (grpc.health.v1).
import { Client as GrpcChannel } from "@grpc/grpc-js";
import type { Clock } from "#platform/kit/clock.ts";
import { channelCredentials, targetOf } from "./grpc-way.ts";
import type { GrpcTls } from "./grpc-tls.ts";

/** A probe over one kept connection. */
export interface HealthProbe {
  /** True when it answers SERVING in time; never rejects. */
  isServing(timeoutMs: number): Promise<boolean>;
  close(): void;
}

/** HealthCheckResponse { status: SERVING }, the only answer that counts. */
const serving = Buffer.from([0x08, 0x01]);

/** Opens a probe of the service at `url` as a whole. */
export function openHealthProbe(url: string, clock: Clock, tls?: GrpcTls): HealthProbe {
  const channel = new GrpcChannel(targetOf(url), channelCredentials(tls));
  const asBytes = (bytes: Buffer) => bytes;
  return {
    isServing: (timeoutMs) =>
      new Promise((resolve) => {
        const deadline = clock.now().getTime() + timeoutMs;
        const settle = (error: Error | null, answer?: Buffer) =>
          resolve(!error && answer?.equals(serving) === true);
        const path = "/grpc.health.v1.Health/Check";
        channel.makeUnaryRequest(path, asBytes, asBytes, Buffer.alloc(0), { deadline }, settle);
      }),
    close: () => channel.close(),
  };
}
