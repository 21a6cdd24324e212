import { html } from "#platform/web/html.ts";
import { page } from "#platform/web/answer.ts";
import { ListAddress, tableView } from "#platform/web/table.ts";
import type { AdminRoom, StaffVisit } from "../../services/admin/extension.ts";
import { GiftNotes } from "./routes.ts";

async function notesPage({ words, query, request }: StaffVisit) {
  const { items } = await request(GiftNotes, "GET", "/api/gift-notes");
  const table = tableView({
    caption: words.text("title"),
    address: new ListAddress("/admin/gifts", query),
    rows: items,
    columns: [
      {
        heading: words.text("order"),
        cell: ({ orderId, orderNumber }) => html`<a href="/admin/orders/${orderId}">${orderNumber}</a>`,
      },
      { heading: words.text("note"), cell: ({ text }) => text },
    ],
  });
  return page(
    words.text("title"),
    html`<h1>${words.text("title")}</h1>
      ${table}`,
  );
}

export const giftRoom: AdminRoom = {
  name: "gifts",
  messages: new URL("./messages/", import.meta.url),
  pages: [{ method: "GET", path: "/", page: notesPage }],
};
