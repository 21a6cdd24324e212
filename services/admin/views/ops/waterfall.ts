// One trace as bars over time: who did what, how long, and what of it failed.
import { html, type Html } from "#platform/web/html.ts";

export interface WaterfallSpan {
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly service: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly isError: boolean;
  readonly attributes: readonly (readonly [name: string, value: string])[];
}

/** One line of the waterfall: a span with its place among those above it and in time, both as shares of the whole. */
export interface WaterfallRow {
  readonly span: WaterfallSpan;
  readonly depth: number;
  /** 0 to 100. */
  readonly from: number;
  /** At least a little, so that it is seen. */
  readonly share: number;
}

const rowsMax = 400;
const depthMax = 12;
const shareMin = 0.4;

/**
 * Parents before children, and children as they began. A span whose parent is not there stands at the top: not every process keeps
 * every trace. Loops of parents, which only a forger makes, are cut.
 */
export function waterfallRows(spans: readonly WaterfallSpan[]): WaterfallRow[] {
  const startMs = Math.min(...spans.map((span) => span.startMs));
  const endMs = Math.max(...spans.map((span) => span.startMs + span.durationMs));
  const wholeMs = Math.max(endMs - startMs, 0.001);
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const children = Map.groupBy(spans, ({ parentSpanId, spanId }) =>
    ids.has(parentSpanId) && parentSpanId !== spanId ? parentSpanId : "",
  );
  const rows: WaterfallRow[] = [];
  const seen = new Set<WaterfallSpan>();
  const add = (span: WaterfallSpan, depth: number) => {
    if (seen.has(span) || rows.length >= rowsMax) return;
    seen.add(span);
    const from = ((span.startMs - startMs) / wholeMs) * 100;
    const share = Math.max(shareMin, (span.durationMs / wholeMs) * 100);
    rows.push({ span, depth: Math.min(depth, depthMax), from: Math.min(from, 100 - shareMin), share });
    for (const child of byStart(children.get(span.spanId) ?? [])) add(child, depth + 1);
  };
  for (const span of byStart(children.get("") ?? [])) add(span, 0);
  for (const span of byStart(spans)) add(span, 0);
  return rows;
}

function byStart(spans: readonly WaterfallSpan[]): WaterfallSpan[] {
  return spans.toSorted((one, other) => one.startMs - other.startMs || other.durationMs - one.durationMs);
}

export interface WaterfallTexts {
  readonly title: string;
  /** "12 ms" */
  readonly duration: (ms: number) => string;
  readonly failed: string;
}

/** The rows as a list: each says its service and name, then draws its bar; what a span tells of itself opens below it. */
export function waterfallView(spans: readonly WaterfallSpan[], texts: WaterfallTexts): Html {
  const rows = waterfallRows(spans);
  return html`<ol class="waterfall" aria-label="${texts.title}">
    ${rows.map((row) => rowView(row, texts))}
  </ol>`;
}

function rowView({ span, depth, from, share }: WaterfallRow, { duration, failed }: WaterfallTexts): Html {
  const tone = span.isError
    ? "bad"
    : /^(pg|db|sql)\b|select |insert |update |delete /i.test(span.name)
      ? "sql"
      : "";
  return html`<li class="depth-${depth}">
    <details>
      <summary>
        <span class="span-name"
          ><b>${span.service}</b> ${span.name}
          ${span.isError ? html`<span class="status bad">${failed}</span>` : ""}</span
        >
        <span class="span-time">${duration(span.durationMs)}</span>
        <svg class="bar ${tone}" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
          <rect class="lane" x="0" y="0" width="100" height="4" />
          <rect
            class="taken"
            x="${round(from)}"
            y="0"
            width="${round(Math.min(share, 100 - from))}"
            height="4"
          />
        </svg>
      </summary>
      <dl>
        ${span.attributes.map(
          ([name, value]) =>
            html`<div>
              <dt>${name}</dt>
              <dd>${value}</dd>
            </div>`,
        )}
      </dl>
    </details>
  </li>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
