// The shop as a picture: who calls whom, in layers that do not move, with what goes over each way just now.
import { html, type Html } from "#platform/web/html.ts";

/** How well something is, worst last. */
export type Health = "calm" | "good" | "warn" | "bad";

export interface GraphNode {
  readonly name: string;
  readonly health: Health;
  /** A short line below the name. */
  readonly note: string;
  readonly url: string;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly health: Health;
  /** A dashed line: what is told and not asked. */
  readonly isTold: boolean;
  /** Decides how thick the line is. */
  readonly perSecond: number;
  /** All figures of the way, for whoever points at it. */
  readonly title: string;
  /** Stands beside the line; empty where nothing needs to be said. */
  readonly label: string;
}

export interface GraphParts {
  readonly id: string;
  readonly title: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

const box = { width: 178, height: 52 };
const gap = { x: 68, y: 20 };
const margin = 10;

interface Place {
  readonly x: number;
  readonly y: number;
}

/** The same services and ways are always drawn at the same places, whatever goes over them. */
export function callGraphView({ id, title, nodes, edges }: GraphParts): Html {
  const columns = layersOf(
    nodes.map(({ name }) => name),
    edges.filter(({ isTold }) => !isTold),
  );
  const rowsMax = Math.max(1, ...columns.map((column) => column.length));
  const width = columns.length * (box.width + gap.x) - gap.x + 2 * margin;
  const height = rowsMax * (box.height + gap.y) - gap.y + 2 * margin;
  const places = new Map<string, Place>();
  for (const [column, names] of columns.entries()) {
    const used = names.length * (box.height + gap.y) - gap.y;
    for (const [row, name] of names.entries())
      places.set(name, {
        x: margin + column * (box.width + gap.x),
        y: Math.round((height - used) / 2 + row * (box.height + gap.y)),
      });
  }
  // What is unwell is drawn last, so that nothing lies over it.
  const sorted = edges.toSorted((one, other) => severity[one.health] - severity[other.health]);
  return html`<svg
    class="call-graph"
    viewBox="0 0 ${width} ${height}"
    role="group"
    aria-labelledby="${id}-title"
  >
    <title id="${id}-title">${title}</title>
    ${sorted.map((edge) => edgeView(edge, places))}
    ${nodes.map((node) => nodeView(node, places.get(node.name)))}
    ${sorted.map((edge) => labelView(edge, places))}
  </svg>`;
}

export const severity: { readonly [health in Health]: number } = { calm: 0, good: 1, warn: 2, bad: 3 };

export function worstOf(healths: readonly Health[]): Health {
  return healths.reduce<Health>((worst, one) => (severity[one] > severity[worst] ? one : worst), "calm");
}

/**
 * Columns from those nobody calls to those that call nobody. A way back (the gateway shows the pages of those that ask it) is taken
 * for no way, so that a circle has an end. Within a column, neighbours of the column before stand near each other.
 */
export function layersOf(
  names: readonly string[],
  edges: readonly Pick<GraphEdge, "from" | "to">[],
): string[][] {
  const known = new Set(names);
  const ways = withoutCircles(
    names,
    edges.filter(({ from, to }) => from !== to && known.has(from) && known.has(to)),
  );
  const depths = new Map<string, number>();
  const depthOf = (name: string): number => {
    const seen = depths.get(name);
    if (seen !== undefined) return seen;
    const depth = Math.max(0, ...ways.filter(({ to }) => to === name).map(({ from }) => depthOf(from) + 1));
    depths.set(name, depth);
    return depth;
  };
  const columns: string[][] = [];
  for (const name of names) (columns[depthOf(name)] ??= []).push(name);
  const order = new Map<string, number>();
  return columns.map((column) => {
    const place = (name: string) => {
      const before = ways.flatMap(({ from, to }) => (to === name ? [order.get(from) ?? 0] : []));
      return before.length === 0 ? 0 : before.reduce((sum, one) => sum + one, 0) / before.length;
    };
    const sorted = column.toSorted((one, other) => place(one) - place(other));
    for (const [row, name] of sorted.entries()) order.set(name, (row + 0.5) / sorted.length);
    return sorted;
  });
}

function withoutCircles<Way extends Pick<GraphEdge, "from" | "to">>(
  names: readonly string[],
  ways: readonly Way[],
): Way[] {
  const calls = (from: string, to: string) => ways.some((way) => way.from === from && way.to === to);
  // Of two that ask each other, the one that asks more others is the one behind.
  const fanOut = (name: string) => ways.filter(({ from }) => from === name).length;
  const kept = ways.filter(
    ({ from, to }) =>
      !calls(to, from) || fanOut(from) < fanOut(to) || (fanOut(from) === fanOut(to) && from < to),
  );
  const done = new Set<string>();
  const open = new Set<string>();
  const dropped = new Set<Way>();
  const visit = (name: string) => {
    open.add(name);
    for (const way of kept) {
      if (way.from !== name || done.has(way.to)) continue;
      if (open.has(way.to)) dropped.add(way);
      else visit(way.to);
    }
    open.delete(name);
    done.add(name);
  };
  for (const name of names) if (!done.has(name)) visit(name);
  return kept.filter((way) => !dropped.has(way));
}

function nodeView({ name, health, note, url }: GraphNode, place: Place | undefined): Html | undefined {
  if (!place) return undefined;
  const { x, y } = place;
  return html`<a href="${url}" class="node ${health}">
    <rect x="${x}" y="${y}" width="${box.width}" height="${box.height}" rx="12" />
    <circle cx="${x + 18}" cy="${y + 20}" r="5" />
    <text class="name" x="${x + 31}" y="${y + 25}">${name}</text>
    <text class="note" x="${x + 14}" y="${y + 43}">${note}</text>
  </a>`;
}

function edgeView(edge: GraphEdge, places: ReadonlyMap<string, Place>): Html | undefined {
  const line = lineOf(edge, places);
  if (!line) return undefined;
  const classes = `way ${edge.health} ${edge.isTold ? "told" : ""} ${thickness(edge.perSecond)}`;
  return html`<path class="${classes}" d="${line.path}"><title>${edge.title}</title></path>`;
}

function labelView(edge: GraphEdge, places: ReadonlyMap<string, Place>): Html | undefined {
  const line = edge.label === "" ? undefined : lineOf(edge, places);
  if (!line) return undefined;
  return html`<text
    class="way-label ${edge.health}"
    x="${line.middle.x}"
    y="${line.middle.y}"
    text-anchor="middle"
    >${edge.label}</text
  >`;
}

function thickness(perSecond: number): string {
  if (perSecond <= 0) return "idle";
  return perSecond < 10 ? "some" : perSecond < 100 ? "busy" : "full";
}

function lineOf({ from, to }: GraphEdge, places: ReadonlyMap<string, Place>) {
  const [start, end] = [places.get(from), places.get(to)];
  if (!start || !end) return undefined;
  const [y1, y2] = [start.y + box.height / 2, end.y + box.height / 2];
  if (start.x === end.x) {
    // In one column: a bow at its side.
    const x = start.x + box.width;
    const path = `M${x},${y1} C${x + 40},${y1} ${x + 40},${y2} ${x},${y2}`;
    return { path, middle: { x: x + 30, y: Math.round((y1 + y2) / 2) } };
  }
  const isBack = end.x < start.x;
  const x1 = isBack ? start.x : start.x + box.width;
  const x2 = isBack ? end.x + box.width : end.x;
  // Ways there and back between the same two do not lie on each other.
  const shift = isBack ? 9 : 0;
  const bend = Math.max(28, Math.abs(x2 - x1) / 2) * (isBack ? -1 : 1);
  const path = `M${x1},${y1 + shift} C${x1 + bend},${y1 + shift} ${x2 - bend},${y2 + shift} ${x2},${y2 + shift}`;
  return { path, middle: { x: Math.round((x1 + x2) / 2), y: Math.round((y1 + y2) / 2) + shift - 5 } };
}
