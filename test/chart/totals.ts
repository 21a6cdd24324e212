/** What a profile asks its cluster for, added up from its rendered objects: with every autoscaler at its least and at its most. */
import type { AnyObject } from "./objects.ts";
import { bytesOf, coresOf } from "./quantities.ts";
import { byKind, podsOf, profiles, render } from "./render.ts";

export interface Span {
  readonly least: number;
  readonly most: number;
}

export interface Total {
  readonly pods: Span;
  /** Processors asked for. */
  readonly cpu: Span;
  /** Bytes asked for. */
  readonly memory: Span;
}

/** Of each component that stays; jobs end, and are not in it. */
export function totalsOf(objects: readonly AnyObject[]): Map<string, Total> {
  const totals = new Map<string, Total>();
  for (const { owner, replicas, labels, template } of podsOf(objects)) {
    if (!/^(Deployment|StatefulSet|Rollout)\//.test(owner) || replicas === 0) continue;
    const scaler = byKind(objects, "HorizontalPodAutoscaler").find(
      ({ spec: { scaleTargetRef: to } }) => `${to.kind}/${to.name}` === owner,
    );
    const least = scaler?.spec.minReplicas ?? replicas;
    const most = scaler?.spec.maxReplicas ?? replicas;
    const asked = (name: "cpu" | "memory", size: (quantity: string | number) => number) =>
      template.spec.containers.reduce(
        (sum, { resources }) => sum + size(resources?.requests?.[name] ?? 0),
        0,
      );
    const spread = (each: number): Span => ({ least: each * least, most: each * most });
    const component = labels["component"] ?? owner;
    const total = {
      pods: { least, most },
      cpu: spread(asked("cpu", coresOf)),
      memory: spread(asked("memory", bytesOf)),
    };
    const known = totals.get(component);
    totals.set(component, known ? sumOf([known, total]) : total);
  }
  return totals;
}

export function sumOf(totals: Iterable<Total>): Total {
  const all = [...totals];
  const span = (of: (total: Total) => Span): Span => ({
    least: all.reduce((sum, total) => sum + of(total).least, 0),
    most: all.reduce((sum, total) => sum + of(total).most, 0),
  });
  return {
    pods: span(({ pods }) => pods),
    cpu: span(({ cpu }) => cpu),
    memory: span(({ memory }) => memory),
  };
}

/** Bytes of all volumes that are claimed. */
export function storageOf(objects: readonly AnyObject[]): number {
  const claimed = byKind(objects, "StatefulSet").flatMap(
    ({ spec: { replicas = 1, volumeClaimTemplates = [] } }) =>
      volumeClaimTemplates.map(({ spec }) => replicas * bytesOf(spec.resources.requests["storage"] ?? 0)),
  );
  const alone = objects
    .filter(({ kind }) => kind === "PersistentVolumeClaim")
    .map(({ spec }) =>
      bytesOf((spec as { resources: { requests: { storage: string } } }).resources.requests.storage),
    );
  return [...claimed, ...alone].reduce((sum, bytes) => sum + bytes, 0);
}

const gib = (bytes: number): string => `${round(bytes / 2 ** 30)} GiB`;
const round = (number: number): string => String(Math.round(number * 100) / 100);
const spanned = ({ least, most }: Span, text: (number: number) => string): string =>
  least === most ? text(least) : `${text(least)} – ${text(most)}`;

/** The tables of docs/operate/sizing.md: of each profile, and of each component of s1. */
export function totalsText(): string {
  const ofProfiles = profiles.map((profile) => {
    const objects = render({ profile });
    const { pods, cpu, memory } = sumOf(totalsOf(objects).values());
    return [
      `\`${profile}\``,
      spanned(pods, String),
      spanned(cpu, round),
      spanned(memory, gib),
      gib(storageOf(objects)),
    ];
  });
  const ofTiers = [...totalsOf(render({ profile: "s1" }))].map(([component, { pods, cpu, memory }]) => [
    component,
    spanned(pods, String),
    spanned(cpu, round),
    spanned(memory, gib),
  ]);
  return [
    table(["profile", "pods", "processors", "memory", "volumes"], ofProfiles),
    "Of the profile `s1`, by component:",
    table(["component", "pods", "processors", "memory"], ofTiers),
  ].join("\n\n");
}

/** Aligned as prettier does it. */
function table(head: string[], rows: string[][]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

const begins = "<!-- generated: totals (node test/chart/write-totals.ts) -->";
const ends = "<!-- end of generated -->";

/** The page with its tables made anew; throws where the marks are missing. */
export function withTotals(page: string): string {
  const [before, rest] = page.split(begins);
  const after = rest?.slice(rest.indexOf(ends));
  if (before === undefined || after === undefined || !after.startsWith(ends))
    throw new Error(`docs/operate/sizing.md has no place for the totals: "${begins}" and "${ends}".`);
  return `${before}${begins}\n\n${totalsText()}\n\n${after}`;
}
