import { html, type Html } from "#platform/web/html.ts";
import { filterView, ListAddress, tableView } from "#platform/web/table.ts";
import type { ListedTrace, TraceNode, WholeTrace } from "../../ops/traces.ts";
import type { AdminWords } from "../../context.ts";
import { msText } from "./figures.ts";
import { waterfallView, type WaterfallSpan } from "./waterfall.ts";

export function tracesListView(words: AdminWords, traces: readonly ListedTrace[]): Html {
  if (traces.length === 0) return html`<p class="empty">${words.text("ops.traces.none")}</p>`;
  return tableView<ListedTrace>({
    caption: words.text("ops.traces.heading"),
    address: new ListAddress("/admin/ops/traces", new URLSearchParams()),
    rows: traces,
    columns: [
      {
        heading: words.text("ops.traces.what"),
        cell: ({ traceId, name, isFailed }) =>
          html`<span
            ><a href="/admin/ops/traces/${traceId}">${name}</a>
            ${isFailed ? html`<span class="status bad">${words.text("ops.traces.isFailed")}</span>` : ""}</span
          >`,
      },
      { heading: words.text("ops.traces.service"), cell: ({ service }) => service },
      {
        heading: words.text("ops.traces.when"),
        cell: ({ startMs }) => words.time(new Date(startMs).toISOString()),
      },
      {
        heading: words.text("ops.traces.took"),
        isFigure: true,
        cell: ({ durationMs }) => msText(words, durationMs),
      },
    ],
  });
}

export function traceFilterView(words: AdminWords, address: ListAddress): Html {
  return filterView({
    label: words.text("ops.traces.filter"),
    address,
    name: "only",
    choices: [
      { text: words.text("ops.traces.all") },
      { value: "failed", text: words.text("ops.traces.failed") },
      { value: "slow", text: words.text("ops.traces.slowest") },
    ],
  });
}

export interface TraceParts {
  readonly traceId: string;
  /** Undefined where no process remembers it. */
  readonly trace: WholeTrace | undefined;
  /** Of the trace store, if there is one. */
  readonly storeUrl: string | undefined;
}

export function traceView(words: AdminWords, { traceId, trace, storeUrl }: TraceParts): Html {
  return html`<p class="muted">
      ${words.rich("ops.trace.id", { code: (inside) => html`<code>${inside}</code>`, id: traceId })}
    </p>
    <p class="actions">
      <a class="button quiet" href="/admin/ops/logs?trace=${traceId}">${words.text("ops.trace.lines")}</a>
      ${
        storeUrl === undefined
          ? ""
          : html`<a class="button quiet" href="${storeUrl}" rel="noreferrer"
              >${words.text("ops.link.trace")}</a
            >`
      }
    </p>
    ${trace?.isCut ? html`<p class="alert info">${words.text("ops.trace.cut")}</p>` : ""}
    ${
      trace
        ? waterfallView(spansOf(trace.roots), {
            title: words.text("ops.trace.heading"),
            duration: (ms) => msText(words, ms),
            failed: words.text("ops.traces.isFailed"),
          })
        : html`<p class="empty">${words.text("ops.trace.gone")}</p>`
    }`;
}

function spansOf(nodes: readonly TraceNode[], parentSpanId = ""): WaterfallSpan[] {
  return nodes.flatMap(({ spanId, name, service, startMs, durationMs, isFailed, attributes, children }) => [
    {
      ...{ spanId, parentSpanId, name, service, startMs, durationMs },
      isError: isFailed,
      attributes: Object.entries(attributes),
    },
    ...spansOf(children, spanId),
  ]);
}
