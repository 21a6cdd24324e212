// A dashboard as Grafana reads it: panels laid out in rows, everything else left as Grafana has it.
import type { Choice, Dashboard, Panel, Query } from "./dashboard.ts";

const columns = 24;
const sizes = {
  stat: { w: 4, h: 4 },
  timeseries: { w: 8, h: 8 },
  table: { w: 16, h: 8 },
} as const;
const source = { type: "prometheus", uid: "${datasource}" } as const;

/** What a file of Grafana's provisioning holds. */
export function grafanaJson(dashboard: Dashboard): object {
  return {
    uid: dashboard.uid,
    title: dashboard.title,
    description: dashboard.says,
    tags: ["stoa"],
    editable: true,
    schemaVersion: 39,
    refresh: "30s",
    time: { from: "now-6h", to: "now" },
    timezone: "browser",
    links: [
      {
        type: "dashboards",
        tags: ["stoa"],
        title: "Stoa",
        asDropdown: true,
        includeVars: true,
        keepTime: true,
      },
    ],
    templating: { list: [datasource, ...(dashboard.choices ?? []).map(variableOf)] },
    panels: panelsOf(dashboard),
  };
}

const datasource = { name: "datasource", label: "Data", type: "datasource", query: "prometheus" };

function variableOf({ name, label, query, value }: Choice): object {
  if (query === undefined)
    return { name, label, type: "textbox", query: value, current: { text: value, value } };
  return {
    name,
    label,
    type: "query",
    datasource: source,
    query: { query, refId: name },
    definition: query,
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: ".*",
    current: { text: ["All"], value: ["$__all"] },
  };
}

function panelsOf({ rows }: Dashboard): object[] {
  const made: object[] = [];
  let y = 0;
  for (const row of rows) {
    made.push({
      id: made.length + 1,
      type: "row",
      title: row.title,
      collapsed: false,
      gridPos: { x: 0, y, w: columns, h: 1 },
      panels: [],
    });
    y += 1;
    let x = 0;
    let height = 0;
    for (const panel of row.panels) {
      const { w, h } = sizes[panel.kind];
      if (x + w > columns) [x, y, height] = [0, y + height, 0];
      made.push(panelOf(panel, made.length + 1, { x, y, w, h }));
      x += w;
      height = Math.max(height, h);
    }
    y += height;
  }
  return made;
}

function panelOf(panel: Panel, id: number, gridPos: object): object {
  const { kind, title, says, unit, queries, redFrom, redBelow, isStacked = false } = panel;
  const isRed = redFrom !== undefined || redBelow !== undefined;
  const steps =
    redBelow === undefined
      ? [
          { color: "green", value: null },
          ...(redFrom === undefined ? [] : [{ color: "red", value: redFrom }]),
        ]
      : [
          { color: "red", value: null },
          { color: "green", value: redBelow },
        ];
  return {
    id,
    type: kind,
    title,
    description: says,
    datasource: source,
    gridPos,
    targets: queries.map((query, index) => targetOf(query, index, kind !== "timeseries")),
    fieldConfig: {
      defaults: {
        unit: unit === "cores" ? "short" : unit === "currency" ? "none" : unit,
        min: unit === "dateTimeFromNow" ? null : 0,
        thresholds: { mode: "absolute", steps },
        ...(kind === "timeseries" ? { custom: drawingOf(isStacked, isRed) } : {}),
      },
      overrides: [],
    },
    ...optionsOf(kind),
  };
}

function targetOf({ expr, legend }: Query, index: number, isNow: boolean): object {
  return {
    refId: String.fromCodePoint(65 + index),
    datasource: source,
    expr,
    ...(legend ? { legendFormat: legend } : {}),
    ...(isNow ? { instant: true, range: false, format: "table" } : { range: true }),
  };
}

function drawingOf(isStacked: boolean, isRed: boolean): object {
  return {
    lineWidth: 1,
    fillOpacity: isStacked ? 30 : 8,
    showPoints: "never",
    spanNulls: false,
    stacking: { mode: isStacked ? "normal" : "none", group: "A" },
    thresholdsStyle: { mode: isRed ? "line" : "off" },
  };
}

function optionsOf(kind: Panel["kind"]): object {
  if (kind === "stat")
    return {
      options: {
        reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
        colorMode: "value",
        graphMode: "none",
      },
    };
  if (kind === "table") {
    const excludeByName = { Time: true, __name__: true };
    return { transformations: [{ id: "organize", options: { excludeByName } }] };
  }
  return {
    options: {
      legend: { displayMode: "list", placement: "bottom", showLegend: true },
      tooltip: { mode: "multi", sort: "desc" },
    },
  };
}
