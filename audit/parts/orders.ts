import { isUuid } from "#platform/kit/ids.ts";
import {
  byKey,
  commonPage,
  firstId,
  violationsOf,
  type AuditScope,
  type Books,
  type Part,
} from "../invariant.ts";
import {
  orderIdBooks,
  orderNews,
  readChargesOf,
  readCheckouts,
  readConfirmationMails,
  readMailsUntil,
  readOrders,
  readShipments,
  readStock,
  readVariants,
} from "./order-books.ts";
import { parseLines, type OrderBook, type OrderFile } from "./order-file.ts";
import { orderRules } from "./order-rules.ts";

/** Orders, the attempts that did not become one, and whatever another book calls by their id. */
export const orderPart: Part = {
  name: "orders",
  invariants: orderRules,
  batchMax: 200,
  news: orderNews,
  list: async (books, after, limit) => {
    const pages = [];
    for (const { service, text } of orderIdBooks) {
      const rows = await books.rows<{ id: string }>(service, text, [after ?? firstId, limit]);
      pages.push(rows.map(({ id }) => id));
    }
    return commonPage(pages, limit);
  },
  judge: async (books, subjects, scope) => {
    // Names that others chose, through the public contract, are no orders of ours.
    const files = await readFiles(books, subjects.filter(isUuid), scope);
    return {
      violations: files.flatMap((file) => violationsOf(file, orderRules)),
      underWay: files.filter(({ isAtRest }) => !isAtRest).map(({ id }) => id),
    };
  },
};

/** One book after another, so that an audit never has more than one statement under way. */
async function readFiles(
  books: Books,
  ids: readonly string[],
  { restSeconds }: AuditScope,
): Promise<OrderFile[]> {
  if (ids.length === 0) return [];
  const mailsUntil = await readMailsUntil(books);
  const checkouts = byKey(await readCheckouts(books, ids, restSeconds), ({ id }) => id);
  const orders = byKey(await readOrders(books, ids, { restSeconds, mailsUntil }), ({ id }) => id);
  const stock = byKey(await readStock(books, ids, restSeconds), ({ id }) => id);
  const shipments = byKey(await readShipments(books, ids, restSeconds), ({ id }) => id);
  const mails = byKey(await readConfirmationMails(books, ids), ({ id }) => id);
  const paymentOf = (id: string) => checkouts.get(id)?.paymentId ?? orders.get(id)?.paymentId ?? undefined;
  const paymentIds = ids.map(paymentOf).filter((id) => id !== undefined);
  const charges = byKey(await readChargesOf(books, paymentIds), ({ key }) => key);
  const productOf = await readProducts(books, [...orders.values()]);
  return ids.map((id) => {
    const [checkout, order, shipment] = [checkouts.get(id), orders.get(id), shipments.get(id)];
    const known = [checkout, order].filter((book) => book !== undefined);
    // What has neither an attempt nor an order goes by its own age.
    const speakers =
      known.length > 0 ? known : [stock.get(id), shipment].filter((book) => book !== undefined);
    return {
      id,
      isAtRest: speakers.every(({ isAtRest }) => isAtRest),
      checkout,
      order,
      stock: stock.get(id),
      charge: charges.get(paymentOf(id) ?? ""),
      shipment,
      confirmationMails: mails.get(id)?.count ?? 0,
      productOf,
    };
  });
}

async function readProducts(books: Books, orders: readonly OrderBook[]): Promise<Map<string, string>> {
  const variantIds = new Set(
    orders.flatMap(({ lines }) => parseLines(lines).map(({ variantId }) => variantId)),
  );
  const rows = await readVariants(books, [...variantIds]);
  return new Map(rows.map(({ id, productId }) => [id, productId]));
}
