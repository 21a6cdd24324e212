import type { Clock } from "#platform/kit/clock.ts";
import type { Database } from "#platform/database/db.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import type { Kit } from "#platform/kit/service.ts";
import { AdRotation } from "./ad.ts";
import type { AdConfig } from "./config.ts";

export interface AdContext {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly hasDemo: boolean;
  readonly rotation: AdRotation;
}

export function openAdContext({ db, clock, log, config, shop }: Kit<typeof AdConfig>): AdContext {
  const hasDemo = config.AD_DEMO === "auto" ? shop.isEmbedded : config.AD_DEMO === "true";
  return { db, clock, log, hasDemo, rotation: new AdRotation() };
}
