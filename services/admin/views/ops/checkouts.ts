import { html, type Html } from "#platform/web/html.ts";
import { ListAddress, tableView } from "#platform/web/table.ts";
import type { AdminWords } from "../../context.ts";
import type { CheckoutsUnderWay } from "../../ops/work.ts";
import { ageText } from "./figures.ts";

type OpenCheckout = CheckoutsUnderWay["items"][number];

export function checkoutsView(words: AdminWords, checkouts: readonly OpenCheckout[]): Html {
  if (checkouts.length === 0) return html`<p class="empty">${words.text("ops.checkouts.none")}</p>`;
  return tableView<OpenCheckout>({
    caption: words.text("ops.checkouts.heading"),
    address: new ListAddress("/admin/ops/checkouts", new URLSearchParams()),
    rows: checkouts,
    columns: [
      {
        heading: words.text("ops.checkouts.order"),
        cell: ({ id }) => html`<a href="/admin/orders/${encodeURIComponent(id)}">${id}</a>`,
      },
      {
        heading: words.text("ops.checkouts.status"),
        cell: ({ status }) => words.find(`ops.checkout.${status}`) ?? status,
      },
      { heading: words.text("ops.checkouts.step"), cell: ({ step }) => step },
      {
        heading: words.text("ops.checkouts.age"),
        isFigure: true,
        cell: ({ ageSeconds }) => ageText(words, ageSeconds),
      },
      {
        heading: words.text("ops.checkouts.held"),
        isFigure: true,
        cell: ({ owner, heldSeconds }) =>
          owner === "" || heldSeconds <= 0
            ? words.text("ops.checkouts.free")
            : words.text("ops.checkouts.by", { owner, age: ageText(words, heldSeconds) }),
      },
    ],
  });
}
