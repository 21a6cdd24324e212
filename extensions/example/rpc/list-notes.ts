import type { ListNotesRequest } from "#gen/gifts/v1/gifts_pb.js";
import { requireAdmin } from "#platform/auth/guards.ts";
import type { Database } from "#platform/database/db.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { listAttached } from "../store.ts";

export async function listNotes({ db }: { db: Database }, _request: ListNotesRequest, call: Call) {
  requireAdmin(call);
  return { notes: await listAttached(db) };
}
