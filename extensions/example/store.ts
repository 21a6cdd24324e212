import type { Queryable, Tx } from "#platform/database/db.ts";

export interface Note {
  readonly orderId: string;
  readonly orderNumber: string;
  readonly text: string;
}

export async function saveNote(db: Queryable, userId: string, text: string): Promise<void> {
  await db.run(
    `insert into gift_notes (user_id, text) values ($1, $2)
     on conflict (user_id) where order_id is null do update set text = excluded.text`,
    [userId, text],
  );
}

/** The waiting note of the user goes with this order; undefined when none waits. */
export async function attachNote(
  tx: Tx,
  userId: string,
  order: { readonly id: string; readonly orderNumber: string },
): Promise<Note | undefined> {
  return await tx.row<Note>(
    `update gift_notes set order_id = $2, order_number = $3, attached_at = now()
     where user_id = $1 and order_id is null
     returning order_id as "orderId", order_number as "orderNumber", text`,
    [userId, order.id, order.orderNumber],
  );
}

export async function listAttached(db: Queryable): Promise<Note[]> {
  return await db.rows<Note>(
    `select order_id as "orderId", order_number as "orderNumber", text from gift_notes
     where order_id is not null order by attached_at desc limit 50`,
  );
}

export async function forgetNotes(tx: Tx, userId: string): Promise<void> {
  await tx.run("delete from gift_notes where user_id = $1", [userId]);
}
