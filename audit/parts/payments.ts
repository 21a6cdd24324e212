import {
  byKey,
  commonPage,
  firstId,
  violationsOf,
  type AuditScope,
  type Books,
  type Part,
  type Rule,
} from "../invariant.ts";
import { changesAfter } from "./order-books.ts";

interface Money {
  readonly key: string;
  readonly orderId: string | null;
  readonly isHeld: boolean;
  readonly amount: bigint;
  readonly captured: bigint;
  readonly refunded: bigint;
}

/** Our own payment, with what the ledger says of it, in one snapshot. */
interface PaymentBook extends Money {
  /** The built-in provider has it, whose own books lie here. */
  readonly isBuiltIn: boolean;
  readonly isAtRest: boolean;
  /** What the ledger says is kept. */
  readonly ledgerKept: bigint;
  /** Ledger transactions that do not balance, in words. */
  readonly unbalanced: string | null;
}

/** What the provider has under the same key. */
interface ChargeBook extends Money {
  readonly isAuthorized: boolean;
  /** So old that reconciliation with the provider must have found it. */
  readonly isOld: boolean;
}

interface PaymentFile {
  readonly id: string;
  readonly isAtRest: boolean;
  readonly ours: PaymentBook | undefined;
  readonly theirs: ChargeBook | undefined;
  /** The order that the payment is for: the payment it knows, or undefined when nobody knows the order. */
  readonly order: { readonly paymentId: string | null } | undefined;
}

const money = (book: Money) => [book.isHeld, book.captured, book.refunded].join(" ");

const paymentRules: readonly Rule<PaymentFile>[] = [
  {
    id: "money-provider",
    sentence: "Our payments say what the provider's own books say.",
    isForWorkAtRest: true,
    judge: ({ id, ours, theirs }) => {
      if (ours && theirs)
        return money(ours) === money(theirs) ? [] : [`payment ${id} differs from the provider's own books`];
      if (ours)
        return ours.isBuiltIn && hasMoney(ours) ? [`payment ${id} is not in the provider's books`] : [];
      return theirs?.isOld && hasMoney(theirs)
        ? [`payment ${id} is in the provider's books and not in ours`]
        : [];
    },
  },
  {
    id: "money-one-payment",
    sentence: "An order is authorised at most once, by the provider's own books.",
    isForWorkAtRest: true,
    judge: ({ id, ours, theirs, order }) => {
      const charge = theirs ?? (ours?.isBuiltIn ? undefined : ours);
      const isAuthorized = theirs ? theirs.isAuthorized : charge && (charge.isHeld || charge.captured > 0n);
      if (!charge || !isAuthorized || charge.orderId === null || order?.paymentId === id) return [];
      if (order?.paymentId)
        return [`order ${charge.orderId} was authorised by payment ${order.paymentId} and by ${id}`];
      return hasMoney(charge)
        ? [`payment ${id} keeps money for order ${charge.orderId}, which nobody knows`]
        : [];
    },
  },
  {
    id: "money-ledger",
    sentence: "Debits equal credits, in every transaction and currency.",
    isForWorkAtRest: false,
    judge: ({ ours }) =>
      ours?.unbalanced ? ours.unbalanced.split(",").map((what) => `ledger transaction ${what}`) : [],
  },
  {
    id: "money-ledger-payments",
    sentence: "What the ledger says was taken and given back is what the payments say.",
    isForWorkAtRest: false,
    judge: ({ id, ours }) =>
      ours && ours.captured - ours.refunded !== ours.ledgerKept
        ? [`payment ${id} keeps ${ours.captured - ours.refunded}, its ledger says ${ours.ledgerKept}`]
        : [],
  },
  {
    id: "money-bounds",
    sentence: "Never more is captured than authorised, never more refunded than captured.",
    isForWorkAtRest: false,
    judge: ({ id, ours, theirs }) =>
      [ours, theirs].flatMap((book) =>
        book && (book.captured > book.amount || book.refunded > book.captured)
          ? [`payment ${id}: authorised ${book.amount}, captured ${book.captured}, refunded ${book.refunded}`]
          : [],
      ),
  },
];

function hasMoney({ isHeld, captured, refunded }: Money): boolean {
  return isHeld || captured !== refunded;
}

const idsAfter = (column: string, table: string) =>
  `select t.${column}::text as id from ${table} t where t.${column} > $1 order by t.${column} limit $2`;
const idTexts = [idsAfter("id", "payments"), idsAfter("key", "provider.charges")];

/** Payments: ours, the provider's, and the ledger between them. */
export const paymentPart: Part = {
  name: "payments",
  invariants: paymentRules,
  batchMax: 250,
  news: [
    {
      service: "payment",
      firstKey: firstId,
      text: changesAfter({ subject: "id", table: "payments", at: "updated_at", key: "id", keyType: "uuid" }),
    },
    {
      service: "payment",
      firstKey: firstId,
      text: changesAfter({
        subject: "key",
        table: "provider.charges",
        at: "changed_at",
        key: "key",
        keyType: "uuid",
      }),
    },
  ],
  list: async (books, after, limit) => {
    const pages = [];
    for (const text of idTexts) {
      const rows = await books.rows<{ id: string }>("payment", text, [after ?? firstId, limit]);
      pages.push(rows.map(({ id }) => id));
    }
    return commonPage(pages, limit);
  },
  judge: async (books, subjects, scope) => {
    const files = await readFiles(books, subjects, scope);
    return {
      violations: files.flatMap((file) => violationsOf(file, paymentRules)),
      underWay: files.filter(({ isAtRest }) => !isAtRest).map(({ id }) => id),
    };
  },
};

async function readFiles(
  books: Books,
  ids: readonly string[],
  { restSeconds }: AuditScope,
): Promise<PaymentFile[]> {
  const ours = byKey(await readPayments(books, ids, restSeconds), ({ key }) => key);
  // The provider goes first, so it is read last: what it knew before we asked must be in our books afterwards.
  const theirs = byKey(await readCharges(books, ids), ({ key }) => key);
  const orderIdOf = (id: string) => theirs.get(id)?.orderId ?? ours.get(id)?.orderId ?? undefined;
  const orderIds = ids.map(orderIdOf).filter((id) => id !== undefined);
  const orders = await readPaymentsOfOrders(books, orderIds);
  return ids.map((id) => {
    const [own, charge] = [ours.get(id), theirs.get(id)];
    return {
      id,
      isAtRest: own?.isAtRest ?? true,
      ours: own,
      theirs: charge,
      order: orders.get(orderIdOf(id) ?? ""),
    };
  });
}

async function readPayments(
  books: Books,
  ids: readonly string[],
  restSeconds: number,
): Promise<PaymentBook[]> {
  return await books.rows<PaymentBook>(
    "payment",
    `select p.id as key, coalesce(p.provider, 'simulator') = 'simulator' as "isBuiltIn", p.order_id as "orderId", p.status = 'authorized' as "isHeld", p.amount_minor as amount,
       p.captured_minor as captured, p.refunded_minor as refunded,
       p.updated_at <= now() - make_interval(secs => $2)
         and (p.cancel_requested_at is null or p.cancelled_at is not null)
         and not coalesce((select bool_or(r.status = 'pending') from payment_refunds r where r.payment_id = p.id), false)
         as "isAtRest",
       (select coalesce(sum(case side when 'credit' then amount_minor else -amount_minor end), 0)::bigint
        from ledger_entries where payment_id = p.id and account = 'merchant_balance') as "ledgerKept",
       (select string_agg(format('%s is off by %s %s', transaction_key, off, currency), ',') from (
          select transaction_key, currency, sum(case side when 'debit' then amount_minor else -amount_minor end) as off
          from ledger_entries where payment_id = p.id group by 1, 2) as sums where off <> 0) as unbalanced
     from payments p where p.id = any($1::uuid[])`,
    [ids, restSeconds],
  );
}

async function readCharges(books: Books, ids: readonly string[]): Promise<ChargeBook[]> {
  return await books.rows<ChargeBook>(
    "payment",
    `select key, order_id as "orderId", is_authorized and decline_reason is null as "isAuthorized",
       is_authorized and not is_voided and captured_minor = 0 as "isHeld", amount_minor as amount,
       captured_minor as captured, refunded_minor as refunded, changed_at < now() - interval '2 days' as "isOld"
     from provider.charges where key = any($1::uuid[])`,
    [ids],
  );
}

/** Which payment each order has; the attempt is asked first, and the order where attempts are forgotten. */
async function readPaymentsOfOrders(
  books: Books,
  orderIds: readonly string[],
): Promise<Map<string, { paymentId: string | null }>> {
  interface Known {
    readonly id: string;
    readonly paymentId: string | null;
  }
  const statement = (table: string) =>
    `select id, payment_id as "paymentId" from ${table} where id = any($1::uuid[])`;
  const orders = await books.rows<Known>("order", statement("orders"), [orderIds]);
  const checkouts = await books.rows<Known>("checkout", statement("checkouts"), [orderIds]);
  return new Map([...orders, ...checkouts].map(({ id, paymentId }) => [id, { paymentId }]));
}
