import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { callGraphView, layersOf, type GraphEdge, type GraphNode } from "./call-graph.ts";

const deploy = JSON.parse(
  readFileSync(new URL("../../../../deploy/services.json", import.meta.url), "utf8"),
) as { services: { name: string; connections: { to: string; for: string[] }[] }[] };
const names = deploy.services.map(({ name }) => name);
const asked = deploy.services.flatMap(({ name: from, connections }) =>
  connections
    .filter(({ for: purposes }) => purposes.some((one) => one === "calls" || one === "pages"))
    .map(({ to }) => ({ from, to })),
);

const node = (name: string): GraphNode => ({ name, health: "good", note: "1/s", url: `/x#${name}` });
const edge = (from: string, to: string, changes: Partial<GraphEdge> = {}): GraphEdge => ({
  ...{ from, to, health: "calm", isTold: false, perSecond: 0, title: `${from} to ${to}`, label: "" },
  ...changes,
});

test("every service of the shop has one place, and who is asked stands after who asks", () => {
  const columns = layersOf(names, asked);
  assert.deepEqual(columns.flat().sort(), [...names].sort());
  const columnOf = (name: string) => columns.findIndex((column) => column.includes(name));
  for (const { from, to } of asked)
    if (from !== "gateway" || (to !== "storefront" && to !== "admin"))
      assert.ok(columnOf(from) < columnOf(to), `${from} asks ${to}`);
  assert.deepEqual(columns[0], ["storefront", "admin"]);
});

test("circles have an end, and what is not there is not drawn", () => {
  const around = [edge("a", "b"), edge("b", "c"), edge("c", "a"), edge("a", "a"), edge("a", "gone")];
  assert.deepEqual(layersOf(["a", "b", "c"], around).flat().sort(), ["a", "b", "c"]);
  const { text } = callGraphView({ id: "g", title: "G", nodes: ["a", "b", "c"].map(node), edges: around });
  assert.doesNotMatch(text, /gone|NaN|undefined/);
});

test("figures change the colours and the texts of the picture, never a place in it", () => {
  const nodes = names.map(node);
  const edges = asked.map(({ from, to }) => edge(from, to));
  const sick = nodes.map((one) => (one.name === "catalog" ? { ...one, health: "bad", note: "gone" } : one));
  const drawn = (some: readonly GraphNode[], ways: readonly GraphEdge[]) =>
    callGraphView({ id: "g", title: "G", nodes: some, edges: ways }).text;
  const places = (text: string) => (text.match(/\b(x|y|d|cx|cy)="[^"]*"/g) ?? []).sort();
  const [calm, stormy] = [
    drawn(nodes, edges),
    drawn(
      sick as GraphNode[],
      edges.map((way) => (way.to === "catalog" ? { ...way, health: "bad", perSecond: 40 } : way)),
    ),
  ];
  assert.deepEqual(places(stormy), places(calm));
  assert.match(stormy, /class="node bad"/);
  assert.match(stormy, /class="way bad {2}busy"/);
});

test("texts from outside cannot become markup", () => {
  const evil = `"><script>alert(1)</script>`;
  const { text } = callGraphView({
    id: "g",
    title: evil,
    nodes: [{ ...node(evil), note: evil, url: `/x#${evil}` }, node("b")],
    edges: [edge(evil, "b", { title: evil, label: evil })],
  });
  assert.doesNotMatch(text, /<script|">"/);
});
