// The activity log of one service, for whoever shows it to people.
import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { ListActivityRequest } from "#gen/stoa/platform/v1/operations_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import type { Database } from "#platform/database/db.ts";
import { invalid } from "#platform/kit/errors.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { listActivity as list } from "./activity-list-store.ts";
import { readChain } from "./activity-store.ts";

const limitDefault = 50;
const limitMax = 200;

/** Answers ListActivity: the entries that are asked for, and how the chain stands. */
export async function listActivity(db: Database, request: ListActivityRequest, call: Call) {
  requireService(call);
  const { actor, action, subject, text, from, until, beforeMicros, beforeSequence, limit } = request;
  if (limit > limitMax) throw invalid([{ path: "limit", message: `must be at most ${limitMax}` }]);
  const filter = {
    actor: actor || null,
    action: action || null,
    subject: subject || null,
    text: text || null,
    from: from ? timestampDate(from) : null,
    until: until ? timestampDate(until) : null,
    beforeMicros: beforeMicros === 0n ? null : beforeMicros,
    beforeSequence,
  };
  const [entries, chain] = await Promise.all([list(db, filter, limit || limitDefault), readChain(db)]);
  const { firstPosition, position, hash, unsealed } = chain;
  return {
    entries,
    chain: { firstPosition: BigInt(firstPosition), position: BigInt(position), hash, unsealed },
  };
}
