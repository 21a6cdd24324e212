import type { ListMailsRequest } from "#gen/stoa/email/v1/email_pb.js";
import { requireAdmin } from "#platform/auth/guards.ts";
import { invalid } from "#platform/kit/errors.ts";
import { isUuid } from "#platform/kit/ids.ts";
import { decodeCursor, encodeCursor, parseLimit } from "#platform/database/page.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { EmailContext } from "../context.ts";
import { countMails, listMailRows } from "../store.ts";
import { mailMessage } from "./get-mail.ts";

export async function listMails(ctx: EmailContext, request: ListMailsRequest, call: Call) {
  requireAdmin(call);
  const limit = parseLimit(request.limit);
  const beforeId = parseCursor(request.cursor);
  const orderId = request.orderId === "" ? null : request.orderId;
  const rows = await listMailRows(ctx.db, orderId, beforeId, limit + 1);
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return {
    mails: page.map(mailMessage),
    nextCursor: last ? encodeCursor([last.id]) : "",
    total: await countMails(ctx.db, orderId),
  };
}

function parseCursor(cursor: string): string | null {
  const [id] = decodeCursor(cursor, 1) ?? [null];
  if (id === null || (typeof id === "string" && isUuid(id))) return id;
  throw invalid([{ path: "cursor", message: "is not a cursor that this list gave out" }]);
}
