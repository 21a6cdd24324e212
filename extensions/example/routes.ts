import { GiftService } from "#gen/gifts/v1/gifts_pb.js";
import { clientOf, endpoint, Type } from "../../services/gateway/extension.ts";

const NoteText = Type.Object({ text: Type.String({ minLength: 1, maxLength: 300 }) });

export const GiftNotes = Type.Object({
  items: Type.Array(Type.Object({ orderId: Type.String(), orderNumber: Type.String(), text: Type.String() })),
});

const leaveGiftNote = endpoint({
  id: "leaveGiftNote",
  method: "PUT",
  path: "/api/gift-note",
  tag: "Gifts",
  summary: "Say what goes with the next order",
  access: "token",
  body: NoteText,
  status: 204,
  run: async (ctx, { body, call }) =>
    void (await clientOf(ctx, "gifts", GiftService).leaveNote({ text: body.text }, call)),
});

const listGiftNotes = endpoint({
  id: "listGiftNotes",
  method: "GET",
  path: "/api/gift-notes",
  tag: "Gifts",
  summary: "List the newest notes",
  access: "admin",
  status: 200,
  answer: GiftNotes,
  run: async (ctx, { call }) => {
    const { notes } = await clientOf(ctx, "gifts", GiftService).listNotes({}, call);
    return { items: notes.map(({ orderId, orderNumber, text }) => ({ orderId, orderNumber, text })) };
  },
});

export const giftRoutes = [leaveGiftNote, listGiftNotes];
