import type { LeaveNoteRequest } from "#gen/gifts/v1/gifts_pb.js";
import { requireUser } from "#platform/auth/guards.ts";
import type { Database } from "#platform/database/db.ts";
import { invalid } from "#platform/kit/errors.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { saveNote } from "../store.ts";

export async function leaveNote({ db }: { db: Database }, { text }: LeaveNoteRequest, call: Call) {
  const { userId } = requireUser(call);
  if (text.trim() === "" || text.length > 300)
    throw invalid([{ path: "text", message: "must have 1 to 300 characters" }]);
  await saveNote(db, userId, text);
  return {};
}
