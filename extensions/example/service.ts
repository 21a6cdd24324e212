import { GiftNoteAttachedSchema, GiftService } from "#gen/gifts/v1/gifts_pb.js";
import { defineService } from "#platform/kit/service.ts";
import { bindRpcs } from "#platform/rpc/contract.ts";
import { giftInbox } from "./inbox.ts";
import { leaveNote } from "./rpc/leave-note.ts";
import { listNotes } from "./rpc/list-notes.ts";

export const giftService = defineService({
  name: "gifts",
  config: {},
  database: "gifts_db",
  migrations: new URL("./migrations/", import.meta.url),
  grpcPort: 7071,
  contracts: [GiftService],
  emits: [GiftNoteAttachedSchema],
  needs: {},
  create: ({ db, outbox }) => ({
    rpc: [bindRpcs(GiftService, { db }, { leaveNote, listNotes })],
    inbox: giftInbox(outbox),
  }),
});
