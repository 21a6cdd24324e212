// Pictures of figures, drawn as SVG where the page is made: no script, no inline style, and the same figures as a table.
import { html, type Html } from "./html.ts";

export interface Point {
  readonly label: string;
  readonly value: number;
  /** The value as people read it; the bare number when absent. */
  readonly text?: string;
}

export interface ChartParts {
  /** Unique on the page. */
  readonly id: string;
  readonly title: string;
  /** What the picture shows, for who cannot see it. */
  readonly description: string;
  readonly points: readonly Point[];
  readonly words: ChartWords;
}

/** Headings of the table that says the same. */
export interface ChartWords {
  readonly asTable: string;
  readonly label: string;
  readonly value: string;
}

const width = 640;
const height = 220;
const top = 24;
const bottom = 28;

/** Upright bars, each with its value above and its label below. */
export function barChart(parts: ChartParts): Html {
  const { points } = parts;
  const scale = scaleOf(points);
  const step = width / Math.max(1, points.length);
  const bar = Math.min(72, step * 0.64);
  const bars = points.map((point, index) => {
    const center = step * (index + 0.5);
    const y = scale(Math.max(0, point.value));
    const size = Math.abs(scale(0) - scale(point.value));
    return html`<rect
        class="bar"
        x="${round(center - bar / 2)}"
        y="${round(y)}"
        width="${round(bar)}"
        height="${round(size)}"
        rx="3"
      />
      <text class="value" x="${round(center)}" y="${round(y - 7)}" text-anchor="middle"
        >${textOf(point)}</text
      >
      <text class="label" x="${round(center)}" y="${height - 8}" text-anchor="middle">${point.label}</text>`;
  });
  const base = round(scale(0));
  const body = html`<line class="axis" x1="0" y1="${base}" x2="${width}" y2="${base}" />${bars}`;
  return figureView(parts, body);
}

/** A line from point to point; the first and the last are labelled, the highest says its value. */
export function lineChart(parts: ChartParts): Html {
  const { points } = parts;
  const scale = scaleOf(points);
  const places = placesOf(points, scale, 12);
  const highest = points.reduce(
    (best, point, index) => (point.value > (points[best]?.value ?? Number.NEGATIVE_INFINITY) ? index : best),
    0,
  );
  const [at, first, last] = [places[highest], points[0], points.at(-1)];
  const base = round(scale(0));
  const body = html`<line class="axis" x1="0" y1="${base}" x2="${width}" y2="${base}" />
    <polyline class="line" points="${pathOf(places)}" />
    ${places.map(({ x, y }) => html`<circle class="dot" cx="${x}" cy="${y}" r="3" />`)}
    ${
      at && points[highest]
        ? html`<text class="value" x="${at.x}" y="${at.y - 9}" text-anchor="${anchorAt(at.x)}">
            ${textOf(points[highest])}
          </text>`
        : ""
    }
    ${first ? html`<text class="label" x="0" y="${height - 8}">${first.label}</text>` : ""}
    ${
      last && points.length > 1
        ? html`<text class="label" x="${width}" y="${height - 8}" text-anchor="end">${last.label}</text>`
        : ""
    }`;
  return figureView(parts, body);
}

/** A line as small as a word, for a row of a table; its title is all it says. */
export function sparkline(title: string, values: readonly number[]): Html {
  const scale = scaleOf(
    values.map((value) => ({ label: "", value })),
    { top: 2, bottom: 22 },
  );
  const step = values.length > 1 ? 96 / (values.length - 1) : 0;
  const places = values.map((value, index) => ({ x: round(2 + step * index), y: round(scale(value)) }));
  return html`<svg
    class="spark"
    viewBox="0 0 100 24"
    width="100"
    height="24"
    role="img"
    aria-label="${title}"
  >
    <polyline class="line" points="${pathOf(places)}" />
  </svg>`;
}

function figureView({ id, title, description, points, words }: ChartParts, body: Html): Html {
  return html`<figure class="chart" tabindex="0">
    <svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-description">
      <title id="${id}-title">${title}</title>
      <desc id="${id}-description">${description}</desc>
      ${body}
    </svg>
    <figcaption>${title}</figcaption>
    <details>
      <summary>${words.asTable}</summary>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">${words.label}</th>
            <th scope="col">${words.value}</th>
          </tr>
        </thead>
        <tbody>
          ${points.map(
            (point) =>
              html`<tr>
                <th scope="row">${point.label}</th>
                <td>${textOf(point)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </details>
  </figure>`;
}

/** From a value to its height in the picture. Zero is always in it, so that no difference looks larger than it is. */
function scaleOf(points: readonly Point[], edge = { top, bottom: height - bottom }) {
  const values = points.map(({ value }) => value);
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const span = high - low || 1;
  return (value: number) => edge.bottom - ((value - low) / span) * (edge.bottom - edge.top);
}

function placesOf(points: readonly Point[], scale: (value: number) => number, edge: number) {
  const step = points.length > 1 ? (width - 2 * edge) / (points.length - 1) : 0;
  return points.map(({ value }, index) => ({ x: round(edge + step * index), y: round(scale(value)) }));
}

function pathOf(places: readonly { readonly x: number; readonly y: number }[]): string {
  return places.map(({ x, y }) => `${x},${y}`).join(" ");
}

/** A text at the edge of the picture must not stick out of it. */
function anchorAt(x: number): "start" | "middle" | "end" {
  if (x < 60) return "start";
  return x > width - 60 ? "end" : "middle";
}

function textOf({ value, text }: Point): string {
  return text ?? String(value);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
