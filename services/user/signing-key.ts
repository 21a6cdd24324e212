/** What a key's place in the rotation depends on. */
export interface KeyTimes {
  readonly kid: string;
  readonly signsFrom: Date;
}

export interface RotationRules {
  readonly rotationMs: number;
  /** How long a key is published before it signs. */
  readonly leadMs: number;
  /** How long a key stays after its successor took over. */
  readonly keepMs: number;
}

export interface RotationPlan {
  /** From when a key that is to be made signs; none is wanted when absent. */
  readonly create: Date | undefined;
  readonly remove: readonly string[];
}

/** How often a replica reads the keys that are given to it, and tells the others which. */
export const announceMs = 5_000;
/** A key that nobody has announced for so long is given to nobody any more. */
export const announcedForMs = 30_000;
/** How long a given key is announced before it signs: every replica has read the announcement by then, and publishes it. */
export const announceLeadMs = 15_000;

/** A key that some replica has been given. */
export interface AnnouncedKey {
  readonly kid: string;
  readonly publicJwk: { readonly [name: string]: string };
  readonly firstSeenAt: Date;
}

/** The first given key that every replica knows; undefined while there is none. */
export function givenSignerAt<K extends { readonly kid: string }>(
  given: readonly K[],
  announced: readonly AnnouncedKey[],
  now: Date,
): K | undefined {
  const untilMs = now.getTime() - announceLeadMs;
  const known = new Set(
    announced.filter(({ firstSeenAt }) => firstSeenAt.getTime() <= untilMs).map(({ kid }) => kid),
  );
  return given.find(({ kid }) => known.has(kid));
}

/** The key that signs now: the latest whose time has come. When the clock went back behind all of them, the first: it is published. */
export function signingKeyAt<K extends KeyTimes>(keys: readonly K[], now: Date): K | undefined {
  const sorted = byTime(keys);
  return sorted.findLast(({ signsFrom }) => signsFrom <= now) ?? sorted[0];
}

/** What has to be made and what can go. Planning again after the plan was carried out plans nothing. */
export function planRotation(keys: readonly KeyTimes[], now: Date, rules: RotationRules): RotationPlan {
  const sorted = byTime(keys);
  const nowMs = now.getTime();
  const remove = sorted.filter((_, index) => {
    const successor = sorted[index + 1];
    return successor !== undefined && successor.signsFrom.getTime() + rules.keepMs <= nowMs;
  });
  return { create: nextKeyFrom(sorted, now, rules), remove: remove.map(({ kid }) => kid) };
}

function nextKeyFrom(sorted: readonly KeyTimes[], now: Date, rules: RotationRules): Date | undefined {
  const current = signingKeyAt(sorted, now);
  if (!current) return now;
  const dueMs = current.signsFrom.getTime() + rules.rotationMs;
  const nowMs = now.getTime();
  // One that was made for a later time by a clock that ran ahead is no successor yet.
  const successorMs = Math.max(dueMs, nowMs + rules.leadMs);
  const isMade = (ms: number) => ms > nowMs && ms <= successorMs;
  if (sorted.some(({ signsFrom }) => isMade(signsFrom.getTime()))) return undefined;
  return nowMs >= dueMs - rules.leadMs ? new Date(successorMs) : undefined;
}

function byTime<K extends KeyTimes>(keys: readonly K[]): K[] {
  return keys.toSorted((a, b) => a.signsFrom.getTime() - b.signsFrom.getTime() || (a.kid < b.kid ? -1 : 1));
}
