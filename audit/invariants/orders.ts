import { sqlInvariant, type Invariant } from "../invariant.ts";

export const orderInvariants: readonly Invariant[] = [
  sqlInvariant(
    "order-total",
    "order",
    "The total is subtotal - discount + shipping + tax, and the subtotal the sum of the lines.",
    `select format('order %s does not add up', o.id) as broken
     from orders o left join (select order_id, sum(subtotal_minor) as lines from order_items group by 1) i on i.order_id = o.id
     where o.total_minor <> o.subtotal_minor - o.discount_minor + o.shipping_minor + o.tax_minor
        or (o.subtotal_minor <> coalesce(i.lines, 0) and not (o.abandoned_at is not null and i.lines is null))`,
  ),
  sqlInvariant(
    "order-history",
    "order",
    "An order's history is a chain of legal moves that ends in its status.",
    `with moves as (
       select order_id, from_status, to_status,
         lag(to_status) over (partition by order_id order by sequence) as before,
         row_number() over (partition by order_id order by sequence desc) = 1 as is_last
       from order_history)
     select format('order %s went from %s to %s', m.order_id, coalesce(m.from_status, 'nothing'), m.to_status) as broken
     from moves m join orders o on o.id = m.order_id
     where o.abandoned_at is null and (
       m.from_status is distinct from m.before
       or (m.is_last and m.to_status <> o.status)
       or (m.from_status is not null and (m.from_status, m.to_status) not in (
         ('pending', 'processing'), ('pending', 'cancelled'), ('processing', 'shipped'), ('processing', 'cancelled'),
         ('shipped', 'delivered'))))`,
  ),
  sqlInvariant(
    "order-cancels",
    "order",
    "What a cancelled order owes is given back within a minute.",
    `select format('order %s was cancelled at %s and is not settled', order_id, created_at) as broken
     from cancel_tasks where done_at is null and created_at < now() - interval '60 seconds'`,
  ),
];
