import { html, type Html } from "#platform/web/html.ts";
import { ListAddress, tableView } from "#platform/web/table.ts";
import type { AdminWords } from "../../context.ts";
import type { ShopTasks, TaskState } from "../../ops/work.ts";
import { ageText } from "./figures.ts";

export function statesView(words: AdminWords, { states, silent }: ShopTasks): Html {
  const waiting = states.filter(({ due, dead }) => due + dead > 0);
  return html`${
    silent.length === 0
      ? ""
      : html`<p class="alert">${words.text("ops.work.unasked", { services: words.list(silent) })}</p>`
  }
  ${
    waiting.length === 0
      ? html`<p class="empty">${words.text("ops.work.none")}</p>`
      : tableView<TaskState>({
          caption: words.text("ops.work.waiting"),
          address: new ListAddress("/admin/ops/work", new URLSearchParams()),
          rows: waiting,
          columns: [
            { heading: words.text("ops.work.name"), cell: ({ name }) => name },
            { heading: words.text("ops.work.service"), cell: ({ service }) => service },
            { heading: words.text("ops.work.due"), isFigure: true, cell: ({ due }) => words.number(due) },
            {
              heading: words.text("ops.work.dead"),
              isFigure: true,
              cell: ({ dead }) =>
                dead > 0 ? html`<span class="status bad">${words.number(dead)}</span>` : words.number(0),
            },
            {
              heading: words.text("ops.work.oldest"),
              isFigure: true,
              cell: ({ oldestSeconds }) => ageText(words, oldestSeconds),
            },
          ],
        })
  }`;
}

/** Each piece of dead work has its own form: another try costs a click, giving it up for good a reason. */
export function deadView(words: AdminWords, { dead }: Pick<ShopTasks, "dead">, atMs: number): Html {
  if (dead.length === 0) return html`<p class="empty">${words.text("ops.work.noDead")}</p>`;
  return html`<ul class="dead">
    ${dead.map(
      (task, index) =>
        html`<li class="panel">
          <h3>${task.name}</h3>
          <p class="muted small">
            ${task.service} · <code>${task.key}</code> ·
            ${words.text("ops.work.tries", { count: task.attempts })} ·
            ${ageText(words, (atMs - task.createdAtMs) / 1_000)}
          </p>
          ${task.lastError === "" ? "" : html`<pre>${task.lastError}</pre>`}
          <form action="/admin/ops/work" method="post" class="decide">
            <input type="hidden" name="service" value="${task.service}" />
            <input type="hidden" name="name" value="${task.name}" />
            <input type="hidden" name="key" value="${task.key}" />
            <button class="small" type="submit" name="action" value="retry">
              ${words.text("ops.work.retry")}
            </button>
            <label for="reason-${index}">${words.text("ops.work.reason")}</label>
            <input id="reason-${index}" name="reason" maxlength="500" autocomplete="off" />
            <button class="small quiet" type="submit" name="action" value="discard">
              ${words.text("ops.work.discard")}
            </button>
          </form>
        </li>`,
    )}
  </ul>`;
}
