import type { Queryable } from "#platform/database/db.ts";
import { actorsOf } from "./joined-store.ts";
import type { Asked, KeptAsked } from "./asked.ts";
import type { Outcome } from "./outcome.ts";
import { purchaseFromJson, purchaseToJson, type Purchase, type ShippingAddress } from "./purchase.ts";

export type CheckoutStatus = "running" | "waiting" | "undoing" | "completed" | "refused";

export interface Checkout {
  readonly id: string;
  readonly userId: string;
  readonly paymentId: string;
  readonly status: CheckoutStatus;
  readonly purchase: Purchase;
  readonly outcome: Outcome | undefined;
  /** How the buyer pays at the provider; undefined where a card came with the request. */
  readonly presentation: string | undefined;
  /** When the buyer's time to pay there is over. */
  readonly waitUntil: Date | undefined;
}

export interface CheckoutRow {
  readonly id: string;
  readonly userId: string;
  readonly paymentId: string;
  readonly status: CheckoutStatus;
  readonly purchase: unknown;
  readonly outcome: Outcome | null;
  readonly presentation: string | null;
  readonly waitUntil: Date | null;
}

export const columns = `c.id, c.user_id as "userId", c.payment_id as "paymentId", c.status, c.purchase, c.outcome,
  c.presentation, c.wait_until as "waitUntil"`;

export interface IntentKey extends Asked {
  readonly text: string;
  readonly cardFingerprint: string | null;
}

export interface Intent {
  readonly id: string;
  readonly paymentId: string;
  readonly purchase: Purchase;
  readonly key: IntentKey | undefined;
  readonly owner: string;
  readonly leaseSeconds: number;
  readonly presentation: string | undefined;
  readonly waitUntil: Date | undefined;
}

/**
 * Writes the intent and claims key and cart version, all in one statement. Returns false when another checkout has the cart
 * version; breaks the primary key of idempotency_keys when another request has the key.
 */
export async function insertIntent(db: Queryable, intent: Intent): Promise<boolean> {
  const { id, paymentId, purchase, key, owner, leaseSeconds, presentation, waitUntil } = intent;
  const inserted = await db.rows(
    `with intent as (
       insert into checkouts (id, user_id, payment_id, cart_version, status, purchase, owner, lease_until, presentation,
         wait_until)
       values ($1, $2, $3, $4, 'running', $5, $6, now() + make_interval(secs => $7), $11, $12)
       on conflict (user_id, cart_version) where cart_version is not null and status <> 'refused' do nothing
       returning id, user_id
     ), claim as (
       insert into idempotency_keys (user_id, key, request_hash, versioned_hash, checkout_id, card_fingerprint)
       select intent.user_id, $8, $9, $10, intent.id, $13 from intent where $8::text is not null
     )
     select id from intent`,
    [
      id,
      purchase.userId,
      paymentId,
      purchase.cartVersion ?? null,
      purchaseToJson(purchase),
      owner,
      leaseSeconds,
      key?.text ?? null,
      key?.messageHash ?? null,
      key?.versionedHash ?? null,
      presentation ?? null,
      waitUntil ?? null,
      key?.cardFingerprint ?? null,
    ],
  );
  return inserted.length === 1;
}

export interface KeyedCheckout extends Checkout, KeptAsked {
  readonly cardFingerprint: string | null;
}

export async function findByKey(
  db: Queryable,
  userId: string,
  key: string,
): Promise<KeyedCheckout | undefined> {
  const row = await db.row<CheckoutRow & KeptAsked & Pick<KeyedCheckout, "cardFingerprint">>(
    `select ${columns}, k.request_hash as "messageHash", k.versioned_hash as "versionedHash",
       k.card_fingerprint as "cardFingerprint"
     from idempotency_keys k join checkouts c on c.id = k.checkout_id
     where k.user_id = any(${actorsOf("$1")}) and k.key = $2
     order by k.user_id = $1 desc limit 1`,
    [userId, key],
  );
  return row && { ...row, ...checkoutOf(row) };
}

/** The live checkout of a cart version, if it has one. */
export async function findByCartVersion(
  db: Queryable,
  userId: string,
  version: bigint,
): Promise<Checkout | undefined> {
  const row = await db.row<CheckoutRow>(
    `select ${columns} from checkouts c where c.user_id = $1 and c.cart_version = $2 and c.status <> 'refused'`,
    [userId, version],
  );
  return row && checkoutOf(row);
}

export async function findCheckout(db: Queryable, id: string): Promise<Checkout | undefined> {
  const row = await db.row<CheckoutRow>(`select ${columns} from checkouts c where c.id = $1`, [id]);
  return row && checkoutOf(row);
}

/** A second key for a checkout that another request began. Returns false when the key is taken already. */
export async function insertKey(
  db: Queryable,
  { userId, key, checkoutId }: { userId: string; key: IntentKey; checkoutId: string },
): Promise<boolean> {
  const inserted = await db.run(
    `insert into idempotency_keys (user_id, key, request_hash, versioned_hash, checkout_id, card_fingerprint)
     values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
    [userId, key.text, key.messageHash, key.versionedHash, checkoutId, key.cardFingerprint],
  );
  return inserted === 1;
}

/**
 * The decision to undo, kept before anything is undone so that no later worker goes forward again. `isOurAlone`: no other worker
 * has ever had the checkout. Undefined when it is not running any more.
 */
export async function beginUndo(
  db: Queryable,
  id: string,
  outcome: Outcome,
): Promise<{ isOurAlone: boolean } | undefined> {
  return await db.row<{ isOurAlone: boolean }>(
    `with known as (
       select id, updated_at = created_at as is_our_alone from checkouts where id = $1 and status = 'running' for update)
     update checkouts c set status = 'undoing', outcome = $2, updated_at = now()
     from known where c.id = known.id
     returning known.is_our_alone as "isOurAlone"`,
    [id, JSON.stringify(outcome)],
  );
}

/** The end: completed from running only, refused from running (nothing was done) or undoing. */
export async function finish(
  db: Queryable,
  id: string,
  status: "completed" | "refused",
  outcome: Outcome,
): Promise<boolean> {
  const changed = await db.run(
    `update checkouts set status = $2, outcome = $3, updated_at = now()
     where id = $1 and (status = 'running' or (status = 'undoing' and $2 = 'refused'))`,
    [id, status, JSON.stringify(outcome)],
  );
  return changed === 1;
}

/** An attempt that was cut off gives its keys back: the same request may try again. */
export async function finishInterrupted(db: Queryable, id: string, outcome: Outcome): Promise<boolean> {
  const changed = await db.run(
    `with freed as (delete from idempotency_keys where checkout_id = $1)
     update checkouts set status = 'refused', outcome = $2, updated_at = now()
     where id = $1 and status = 'undoing'`,
    [id, JSON.stringify(outcome)],
  );
  return changed === 1;
}

export async function renewLeases(
  db: Queryable,
  ids: readonly string[],
  owner: string,
  leaseSeconds: number,
): Promise<void> {
  await db.run(
    `update checkouts set lease_until = now() + make_interval(secs => $3)
     where id = any($1) and owner = $2 and status in ('running', 'undoing')`,
    [ids, owner, leaseSeconds],
  );
}

/** Open checkouts that nobody holds, as tasks. */
export const abandonedCheckouts = `select id::text, '{}'::jsonb from checkouts
  where status in ('running', 'undoing') and lease_until < now()`;

/** Takes over a checkout that nobody holds. Undefined when it has ended, or somebody holds it. */
export async function takeOver(
  db: Queryable,
  id: string,
  owner: string,
  leaseSeconds: number,
): Promise<Checkout | undefined> {
  const row = await db.row<CheckoutRow>(
    `update checkouts c set owner = $2, lease_until = now() + make_interval(secs => $3), updated_at = now()
     where c.id = $1 and c.status in ('running', 'undoing') and c.lease_until < now()
     returning ${columns}`,
    [id, owner, leaseSeconds],
  );
  return row && checkoutOf(row);
}

export async function isEnded(db: Queryable, id: string): Promise<boolean> {
  const open = await db.row(
    "select 1 from checkouts where id = $1 and status in ('running', 'waiting', 'undoing')",
    [id],
  );
  return open === undefined;
}

/** Lets go of a checkout soon, for the next worker. */
export async function releaseLease(
  db: Queryable,
  id: string,
  owner: string,
  afterSeconds: number,
): Promise<void> {
  await db.run(
    "update checkouts set lease_until = now() + make_interval(secs => $3) where id = $1 and owner = $2",
    [id, owner, afterSeconds],
  );
}

/** What a buyer was shown. */
export interface KeptQuote {
  readonly fingerprint: string;
  /** Empty in quotes of the release before, which are for the cheapest. */
  readonly shippingMethodCode: string;
}

export async function insertQuote(
  db: Queryable,
  quote: KeptQuote & { id: string; userId: string; expiresAt: Date },
): Promise<void> {
  await db.run(
    `insert into quotes (id, user_id, fingerprint, expires_at, shipping_method_code) values ($1, $2, $3, $4, $5)`,
    [quote.id, quote.userId, quote.fingerprint, quote.expiresAt, quote.shippingMethodCode],
  );
}

export async function findQuote(db: Queryable, id: string, userId: string): Promise<KeptQuote | undefined> {
  return await db.row<KeptQuote>(
    `select fingerprint, shipping_method_code as "shippingMethodCode" from quotes
     where id = $1 and user_id = any(${actorsOf("$2")})`,
    [id, userId],
  );
}

/**
 * Forgets a person, known by an account or by the address of an order: quotes and ended attempts. An attempt that has a key stays as
 * long as it, without what it says of the person, so that what they send again is still not bought again.
 */
export async function forgetBuyer(tx: Queryable, userId: string, email: string): Promise<void> {
  const hasActed = `(user_id::text = $1 or user_id in (select guest_id from joined_guests where user_id::text = $1))`;
  const isTheirs = `status in ('completed', 'refused') and (${hasActed} or lower(purchase ->> 'email') = lower($2))`;
  await tx.run(
    `delete from checkouts where ${isTheirs}
       and not exists (select 1 from idempotency_keys k where k.checkout_id = checkouts.id)`,
    [userId, email],
  );
  await tx.run(
    `update checkouts set purchase = purchase || $3::jsonb,
       outcome = outcome #- '{order,email}' #- '{order,shippingAddress}' #- '{order,payment}'
     where ${isTheirs}`,
    [userId, email, nobody],
  );
  await tx.run(`delete from quotes where ${hasActed}`, [userId]);
  await tx.run("delete from joined_guests where user_id::text = $1", [userId]);
}

/** What is written over the part of a purchase that says whose it is. */
const nobody = JSON.stringify({
  email: "",
  address: {
    fullName: "",
    line1: "",
    line2: "",
    city: "",
    region: "",
    postalCode: "",
    country: "",
    freeText: true,
  } satisfies ShippingAddress,
});

export interface OpenState {
  readonly status: CheckoutStatus;
  readonly count: number;
  /** Since it was begun, or since its buyer had paid. */
  readonly oldestSeconds: number;
}

/** The statuses of checkouts without an outcome; indexes name these. */
export async function listOpenStates(db: Queryable): Promise<OpenState[]> {
  const columnsOfState = `status, count(*)::int as count,
      coalesce(max(extract(epoch from now() - coalesce(woken_at, created_at))), 0)::float8 as "oldestSeconds"`;
  return await db.rows<OpenState>(
    `select ${columnsOfState} from checkouts where status in ('running', 'undoing') group by status
     union all
     select ${columnsOfState} from checkouts where status = 'waiting' group by status`,
  );
}

const keyDays = 30;

/**
 * Forgets some of what is kept for a time only: quotes a day after they ended, keys after thirty days, attempts to buy so many days
 * after they were made and if they have ended. True when there may be more.
 */
export async function deleteOld(db: Queryable, retentionDays: number, limit: number): Promise<boolean> {
  const deleted = [
    await db.run(
      `delete from quotes where id in
         (select id from quotes where expires_at < now() - interval '1 day' order by expires_at limit $1)`,
      [limit],
    ),
    await db.run(
      `delete from idempotency_keys where (user_id, key) in
         (select user_id, key from idempotency_keys where created_at < now() - make_interval(days => $1)
          order by created_at limit $2)`,
      [keyDays, limit],
    ),
    await db.run(
      `delete from checkouts where id in
         (select id from checkouts where created_at < now() - make_interval(days => $1)
            and status in ('completed', 'refused') order by created_at limit $2)`,
      [retentionDays, limit],
    ),
    // Keys are the last that needs them.
    await db.run(
      `delete from joined_guests where guest_id in
         (select guest_id from joined_guests where joined_at < now() - make_interval(days => $1)
          order by joined_at limit $2)`,
      [keyDays + 1, limit],
    ),
  ];
  return deleted.includes(limit);
}

export function checkoutOf(row: CheckoutRow): Checkout {
  const { outcome, presentation, waitUntil } = row;
  return {
    ...row,
    purchase: purchaseFromJson(row.purchase),
    outcome: outcome ?? undefined,
    presentation: presentation ?? undefined,
    waitUntil: waitUntil ?? undefined,
  };
}
