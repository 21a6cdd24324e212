import { byKey, sqlInvariant, type Books, type Invariant } from "../invariant.ts";
import { settledCheckouts, type SettledCheckout } from "./settled.ts";

interface Charge {
  readonly key: string;
  readonly isHeld: boolean;
  readonly captured: bigint;
  readonly refunded: bigint;
  readonly currency: string | null;
}

interface OrderMoney {
  readonly id: string;
  readonly isLive: boolean;
  readonly total: bigint;
  readonly refunded: bigint;
  readonly currency: string;
}

/** What the provider itself says: the last word on whether a customer paid. */
const providerCharges = `select key, is_authorized and not is_voided and captured_minor = 0 as "isHeld",
  captured_minor as captured, refunded_minor as refunded, currency from provider.charges`;

const ourPayments = `select id as key, status = 'authorized' as "isHeld", captured_minor as captured, refunded_minor as refunded,
  currency from payments`;

async function findUnpaidOrOvercharged(books: Books, restSeconds: number): Promise<string[]> {
  const settled = await settledCheckouts(books, restSeconds);
  const [charges, orders] = await Promise.all([
    books.rows<Charge>("payment", providerCharges),
    books.rows<OrderMoney>(
      "order",
      `select id, abandoned_at is null and status <> 'cancelled' as "isLive", total_minor as total, currency,
         (select coalesce(sum(amount_minor), 0)::bigint from order_refunds r
          where r.order_id = o.id and r.status = 'done') as refunded
       from orders o`,
    ),
  ]);
  const chargeByKey = byKey(charges, ({ key }) => key);
  const orderById = byKey(orders, ({ id }) => id);
  return settled.flatMap((checkout) =>
    moneyFault(checkout, chargeByKey.get(checkout.paymentId), orderById.get(checkout.id)),
  );
}

function moneyFault(
  checkout: SettledCheckout,
  charge: Charge | undefined,
  order: OrderMoney | undefined,
): string[] {
  const kept = (charge?.captured ?? 0n) - (charge?.refunded ?? 0n);
  if (!order?.isLive) {
    if (checkout.isCompleted && !order) return [`order ${checkout.id} was acknowledged and does not exist`];
    if (kept !== 0n) return [`there is no order ${checkout.id}, and ${kept} are kept for it`];
    return charge?.isHeld ? [`there is no order ${checkout.id}, and money is held for it`] : [];
  }
  if (!checkout.isCompleted) return [`checkout ${checkout.id} was refused and has a live order`];
  const due = order.total - order.refunded;
  if (kept !== due || (charge && charge.currency !== order.currency)) {
    return [
      `order ${order.id} costs ${due} ${order.currency}, and ${kept} ${charge?.currency ?? ""} are kept for it`,
    ];
  }
  return charge?.isHeld && due > 0n ? [`order ${order.id} is held, not captured`] : [];
}

async function findUnlikeProvider(books: Books): Promise<string[]> {
  // The provider goes first, so it is read last: what it knew before we asked must be in our books afterwards.
  const ours = byKey(await books.rows<Charge>("payment", ourPayments), ({ key }) => key);
  const settledIds = await books.rows<{ id: string }>(
    "payment",
    `select id from payments where updated_at < now() - interval '10 seconds'
       and (cancel_requested_at is null or cancelled_at is not null)
       and not exists (select 1 from payment_refunds r where r.payment_id = payments.id and r.status = 'pending')`,
  );
  const settled = new Set(settledIds.map(({ id }) => id));
  const theirs = await books.rows<Charge>("payment", providerCharges);
  return theirs.flatMap((charge) => {
    const own = ours.get(charge.key);
    if (!own || !settled.has(charge.key)) return [];
    const isSame =
      own.captured === charge.captured && own.refunded === charge.refunded && own.isHeld === charge.isHeld;
    return isSame ? [] : [`payment ${charge.key} differs from the provider's own books`];
  });
}

export const moneyInvariants: readonly Invariant[] = [
  {
    id: "money-orders",
    sentence:
      "For every settled order the provider keeps exactly its total less refunds; for every other, nothing.",
    find: async (books, { restSeconds }) => await findUnpaidOrOvercharged(books, restSeconds),
  },
  {
    id: "money-provider",
    sentence: "Our payments say what the provider's own books say.",
    find: findUnlikeProvider,
  },
  sqlInvariant(
    "money-one-payment",
    "payment",
    "An order is authorised at most once, by the provider's own books.",
    `select format('order %s was authorised %s times', order_id, count(*)) as broken from provider.charges
     where order_id is not null and is_authorized and decline_reason is null group by order_id having count(*) > 1`,
  ),
  sqlInvariant(
    "money-ledger",
    "payment",
    "Debits equal credits, in every transaction and currency.",
    `select format('ledger transaction %s is off by %s %s', transaction_key,
       sum(case side when 'debit' then amount_minor else -amount_minor end), currency) as broken
     from ledger_entries group by transaction_key, currency
     having sum(case side when 'debit' then amount_minor else -amount_minor end) <> 0`,
  ),
  sqlInvariant(
    "money-ledger-payments",
    "payment",
    "What the ledger says was taken and given back is what the payments say.",
    `select format('payment %s keeps %s, its ledger says %s', p.id, p.captured_minor - p.refunded_minor, coalesce(l.kept, 0)) as broken
     from payments p left join (
       select payment_id, sum(case side when 'credit' then amount_minor else -amount_minor end) as kept
       from ledger_entries where account = 'merchant_balance' group by 1) l on l.payment_id = p.id
     where p.captured_minor - p.refunded_minor <> coalesce(l.kept, 0)`,
  ),
  sqlInvariant(
    "money-bounds",
    "payment",
    "Never more is captured than authorised, never more refunded than captured.",
    `select format('payment %s: authorised %s, captured %s, refunded %s', key, amount_minor, captured_minor, refunded_minor) as broken
     from provider.charges where captured_minor > amount_minor or refunded_minor > captured_minor
     union all
     select format('payment %s: authorised %s, captured %s, refunded %s', id, amount_minor, captured_minor, refunded_minor)
     from payments where captured_minor > amount_minor or refunded_minor > captured_minor`,
  ),
];
