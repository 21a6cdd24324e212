// The two ports people know of a shop, held from before anything is opened until their listeners are ready.
import { holdPort, type HeldPort } from "#platform/http/held-port.ts";
import { systemClock } from "#platform/kit/clock.ts";
import type { ConfigOf } from "#platform/kit/config.ts";
import type { PlatformConfig } from "#platform/kit/settings.ts";
import { isHttpEncrypted } from "#platform/tls/tls-settings.ts";

export interface HeldPorts {
  readonly http: HeldPort;
  readonly grpc: HeldPort;
}

/** Takes PORT and GRPC_PORT. Throws a StartError when another program has one. */
export async function holdPorts(
  config: ConfigOf<typeof PlatformConfig>,
  stop: AbortSignal,
): Promise<HeldPorts> {
  const shared = { host: config.HOST ?? "127.0.0.1", clock: systemClock, stop };
  const answersHttp = !isHttpEncrypted(config);
  const http = await holdPort({ ...shared, port: config.PORT, setting: "PORT", answersHttp });
  try {
    const grpc = await holdPort({
      ...shared,
      port: config.GRPC_PORT,
      setting: "GRPC_PORT",
      answersHttp: false,
    });
    return { http, grpc };
  } catch (error) {
    http.release();
    throw error;
  }
}
