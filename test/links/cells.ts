// Every fault of every link of the shop: generated from deploy/services.json, so that a new edge has its cells by itself.
import { readEdges, type Edge } from "../lab/edges.ts";
import type { LinkFault } from "../lab/link-fault.ts";

export interface Cell {
  readonly edge: Edge;
  readonly fault: LinkFault;
  /** Such as `cart → catalog, half-open`. */
  readonly name: string;
}

const faults: readonly (readonly [string, LinkFault])[] = [
  ["slow", { kind: "slow", latencyMs: 1_500, bytesPerSecond: 20_000 }],
  ["cut", { kind: "cut" }],
  ["reset", { kind: "reset" }],
  ["half-open", { kind: "half-open" }],
  ["garbage", { kind: "garbage" }],
  ["one-way, requests lost", { kind: "one-way", lost: "there" }],
  ["one-way, answers lost", { kind: "one-way", lost: "back" }],
];

export function allCells(): Cell[] {
  return readEdges().flatMap((edge) =>
    faults.map(([words, fault]) => ({ edge, fault, name: `${edge.from} → ${edge.to}, ${words}` })),
  );
}

/** A part of them in which every edge has one fault or more, and every fault many edges. */
export function someCells(count: number): Cell[] {
  const cells = allCells();
  const edges = cells.length / faults.length;
  return Array.from({ length: Math.min(count, cells.length) }, (_, index) => {
    const round = Math.floor(index / edges);
    const edge = index % edges;
    return cells[edge * faults.length + ((edge + round) % faults.length)];
  }).filter((cell) => cell !== undefined);
}
