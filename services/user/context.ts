import { ActivityAside } from "#platform/activity/aside.ts";
import type { Clock } from "#platform/kit/clock.ts";
import type { ConfigOf } from "#platform/kit/config.ts";
import type { Database } from "#platform/database/db.ts";
import type { FlagSwitch } from "#platform/kit/flag-switch.ts";
import type { Flags } from "#platform/kit/flags.ts";
import { RequestLimit } from "#platform/kit/rate-limit.ts";
import type { Tasks } from "#platform/database/tasks.ts";
import type { Outbox } from "#platform/database/outbox.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import type { Kit, ShopFacts } from "#platform/kit/service.ts";
import type { UserConfig } from "./config.ts";
import { GuessLimit } from "./guess-limit.ts";
import { openGivenKeys } from "./given-keys.ts";
import { KeyRing } from "./key-ring.ts";
import { PasswordHasher } from "./password-hasher.ts";
import type { RevokedTokenRow } from "./session-store.ts";
import type { CutoffRow } from "./store.ts";

interface Revocations {
  readonly revoked: readonly RevokedTokenRow[];
  readonly cutoffs: readonly CutoffRow[];
}

export interface UserContext {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly config: ConfigOf<typeof UserConfig>;
  readonly hasher: PasswordHasher;
  readonly keys: KeyRing;
  readonly outbox: Outbox;
  readonly tasks: Tasks;
  readonly shop: Pick<ShopFacts, "name" | "serviceKey">;
  /** The reading of revocations under way, which all who ask for them meanwhile share. */
  readonly revocations: { reading: Promise<Revocations> | undefined };
  readonly flags: Flags;
  /** The reading of switches under way, likewise shared. */
  readonly switches: { reading: Promise<FlagSwitch[]> | undefined };
  /** Undefined when rate limits are off. */
  readonly guesses: GuessLimit | undefined;
  /** How many mails an address may have sent to people; undefined when rate limits are off. */
  readonly resetAsks: RequestLimit | undefined;
  /** Where it is written down who was refused. */
  readonly aside: ActivityAside;
}

/** Reads the signing keys, and makes the first one. */
export async function openUserContext(kit: Kit<typeof UserConfig>): Promise<UserContext> {
  const { db, clock, log, config, outbox, tasks, shop, flags, shared: store } = kit;
  const hasher = hasherOf(config);
  const rotationDays = config.USER_KEY_ROTATION_DAYS;
  const keys = new KeyRing(db, clock, { rotationDays, given: openGivenKeys(config, log) });
  await keys.refresh();
  const perMinuteMax = config.USER_WRONG_PASSWORDS_PER_MINUTE;
  const perHourMax = config.USER_WRONG_PASSWORDS_PER_HOUR;
  const guesses = shop.rateLimits ? new GuessLimit(clock, { perMinuteMax, perHourMax }, store) : undefined;
  const resetAsks = shop.rateLimits
    ? new RequestLimit(clock, config.USER_PASSWORD_RESETS_PER_MINUTE, { store, name: "user.resets" })
    : undefined;
  const revocations = { reading: undefined };
  const aside = new ActivityAside(db, clock, log);
  const switches = { reading: undefined };
  const limits = { guesses, resetAsks };
  return {
    db,
    clock,
    log,
    config,
    hasher,
    keys,
    outbox,
    tasks,
    shop,
    flags,
    ...limits,
    revocations,
    switches,
    aside,
  };
}

export function hasherOf(config: ConfigOf<typeof UserConfig>): PasswordHasher {
  return new PasswordHasher({
    cost: config.USER_PASSWORD_COST,
    parallelMax: config.USER_PASSWORD_PARALLEL_MAX,
    queueMax: config.USER_PASSWORD_QUEUE_MAX,
  });
}
