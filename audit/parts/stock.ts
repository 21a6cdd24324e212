import { firstId, type Books, type Invariant, type Judgement, type News, type Part } from "../invariant.ts";
import { changesAfter } from "./order-books.ts";

const ledgerInvariant: Invariant = {
  id: "stock-ledger",
  sentence:
    "Stock on hand is the sum of its ledger, and every line of the ledger follows from the one before.",
};
const boundsInvariant: Invariant = {
  id: "stock-bounds",
  sentence: "Stock is never negative and never more is reserved than is there.",
};
const reservedInvariant: Invariant = {
  id: "stock-reserved",
  sentence: "What is reserved is the sum of the holds that have not ended.",
};

const openedInvariant: Invariant = {
  id: "stock-opened",
  sentence: "Stock is opened by the first line of its ledger only: no edit of a product sets it back.",
};
const identityInvariant: Invariant = {
  id: "variant-identity",
  sentence: "A variant, retired ones too, is what it was written as, and its stock is of its product.",
};

const ledgerNews = (subject: string): News => ({
  service: "catalog",
  firstKey: "0",
  text: changesAfter({ subject, table: "stock_ledger", at: "at", key: "id", keyType: "bigint" }),
});

/** The stock of each variant, against the last line of its ledger and the holds under way. */
export const stockPart: Part = {
  name: "stock",
  invariants: [ledgerInvariant, boundsInvariant, reservedInvariant, identityInvariant],
  batchMax: 1_000,
  news: [ledgerNews("variant_id")],
  list: async (books, after, limit) => {
    const rows = await books.rows<{ id: string }>(
      "catalog",
      "select t.variant_id as id from stock t where t.variant_id > $1 order by t.variant_id limit $2",
      [after ?? firstId, limit],
    );
    return rows.map(({ id }) => id);
  },
  judge: async (books, subjects) => {
    const ledgers = await brokenRows(books, subjects, ledgerInvariant, brokenLedgers);
    const bounds = await brokenRows(books, subjects, boundsInvariant, brokenBounds);
    const holds = await brokenRows(books, subjects, reservedInvariant, brokenHolds);
    const others = await brokenRows(books, subjects, identityInvariant, brokenIdentities);
    return { violations: [...ledgers, ...bounds, ...holds, ...others], underWay: [] };
  },
};

/** Every line of the stock ledger: what was there before, and the change, make what was there after. */
export const stockLedgerPart: Part = {
  name: "stock ledger",
  invariants: [openedInvariant],
  batchMax: 1_000,
  news: [ledgerNews("id")],
  list: async (books, after, limit) => {
    const rows = await books.rows<{ id: string }>(
      "catalog",
      "select t.id::text as id from stock_ledger t where t.id > $1::bigint order by t.id limit $2",
      [after ?? "0", limit],
    );
    return rows.map(({ id }) => id);
  },
  judge: async (books, subjects) => {
    const lines = await brokenRows(books, subjects, ledgerInvariant, brokenLedgerLines);
    const openings = await brokenRows(books, subjects, openedInvariant, brokenOpenings);
    return { violations: [...lines, ...openings], underWay: [] };
  },
};

async function brokenRows(
  books: Books,
  subjects: readonly string[],
  invariant: Invariant,
  text: string,
): Promise<Judgement["violations"]> {
  const rows = await books.rows<{ subject: string; text: string }>("catalog", text, [subjects]);
  return rows.map((row) => ({ invariantId: invariant.id, ...row }));
}

/** What was there after the line `l`; lines from before balances were written are summed up. */
const balanceAfter = `coalesce(l.on_hand_after,
  (select sum(change) from stock_ledger past where past.variant_id = l.variant_id and past.id <= l.id))`;

const brokenLedgers = `select s.variant_id as subject,
    format('variant %s has %s on hand, its ledger says %s', s.variant_id, s.on_hand, coalesce(l.balance, 0)) as text
  from stock s left join lateral (
    select ${balanceAfter} as balance from stock_ledger l
    where l.variant_id = s.variant_id order by l.id desc limit 1) l on true
  where s.variant_id = any($1::uuid[]) and s.on_hand <> coalesce(l.balance, 0)`;

const brokenBounds = `select variant_id as subject,
    format('variant %s has %s on hand and %s reserved', variant_id, on_hand, reserved) as text
  from stock where variant_id = any($1::uuid[]) and (on_hand < 0 or reserved < 0 or reserved > on_hand)`;

const brokenHolds = `with held as (
    select l.variant_id, sum(l.quantity) as sum from stock_reservations r
    join stock_reservation_lines l on l.reservation_id = r.id where r.status = 'held' group by 1)
  select s.variant_id as subject,
    format('variant %s has %s reserved, its holds add up to %s', s.variant_id, s.reserved, coalesce(held.sum, 0)) as text
  from stock s left join held using (variant_id)
  where s.variant_id = any($1::uuid[]) and s.reserved <> coalesce(held.sum, 0)`;

const brokenIdentities = `select v.id as subject, format('variant %s is not what it was written as', v.id) as text
  from stock s join product_variants v on v.id = s.variant_id
  where s.variant_id = any($1::uuid[])
    and (v.seal is distinct from seal_of_variant(v.sku, v.options) or s.product_id <> v.product_id)`;

const brokenOpenings = `select l.id::text as subject,
    format('line %s of the stock ledger opens the stock of variant %s, which had one', l.id, l.variant_id) as text
  from stock_ledger l where l.id = any($1::bigint[]) and l.reason = 'opening stock'
    and exists (select 1 from stock_ledger p where p.variant_id = l.variant_id and p.id < l.id)`;

const brokenLedgerLines = `select l.id::text as subject,
    format('line %s of the stock ledger says that variant %s went from %s by %s to %s', l.id, l.variant_id,
      coalesce(prior.balance::text, 'nothing'), l.change, coalesce(l.on_hand_after::text, 'nothing')) as text
  from stock_ledger l left join lateral (
    select p.on_hand_after, case when l.on_hand_after is not null then coalesce(p.on_hand_after,
      (select sum(change) from stock_ledger past where past.variant_id = p.variant_id and past.id <= p.id)) end as balance
    from stock_ledger p where p.variant_id = l.variant_id and p.id < l.id order by p.id desc limit 1) prior on true
  where l.id = any($1::bigint[])
    and ((l.on_hand_after is null and prior.on_hand_after is not null)
      or (l.on_hand_after is not null and l.on_hand_after <> coalesce(prior.balance, 0) + l.change))`;
