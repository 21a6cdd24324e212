// What a dashboard of Grafana is made of here: rows of panels, each with a sentence that says what it is good for, and its queries.

/** How a figure is written: Grafana's own names of units. */
export type Unit =
  | "short"
  | "reqps"
  | "s"
  | "percentunit"
  | "bytes"
  | "Bps"
  | "iops"
  | "cores"
  | "currency"
  | "dateTimeFromNow";

export interface Query {
  readonly expr: string;
  /** What a line is called, such as `{{service}}`. */
  readonly legend?: string;
}

export interface Panel {
  readonly kind: "timeseries" | "stat" | "table";
  readonly title: string;
  /** What it shows and when it is bad, for a person who was just woken. */
  readonly says: string;
  readonly unit: Unit;
  readonly queries: readonly Query[];
  /** A figure from which on it is drawn red. */
  readonly redFrom?: number;
  /** A figure below which it is drawn red. */
  readonly redBelow?: number;
  /** Lines on top of each other, where their sum means something. */
  readonly isStacked?: boolean;
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** A value that people may choose above the panels. */
export interface Choice {
  readonly name: string;
  readonly label: string;
  /** Whose values are offered, as `label_values(...)`; without it, a text to type. */
  readonly query?: string;
  readonly value?: string;
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly says: string;
  readonly choices?: readonly Choice[];
  readonly rows: readonly Row[];
}

type Words = readonly [title: string, says: string];
type Looks = Partial<Pick<Panel, "redFrom" | "redBelow" | "isStacked">>;

/** Lines over time. */
export function lines([title, says]: Words, unit: Unit, queries: readonly Query[], looks: Looks = {}): Panel {
  return { kind: "timeseries", title, says, unit, queries, ...looks };
}

/** One figure, as it is now. */
export function figure([title, says]: Words, unit: Unit, expr: string, looks: Looks = {}): Panel {
  return { kind: "stat", title, says, unit, queries: [{ expr }], ...looks };
}

/** What is so at this moment, one line each. */
export function table([title, says]: Words, unit: Unit, expr: string): Panel {
  return { kind: "table", title, says, unit, queries: [{ expr }] };
}

/** One query and the name of its lines. */
export function line(expr: string, legend = ""): Query {
  return { expr, legend };
}

/** Which namespace, of those that hold a shop; outside Kubernetes there is none, and "All" means the shop. */
export const namespaceChoice: Choice = {
  name: "namespace",
  label: "Namespace",
  query: "label_values(stoa_build_info, namespace)",
};

/** Which services; all where nothing is chosen. */
export const serviceChoice: Choice = {
  name: "service",
  label: "Service",
  query: 'label_values(http_server_request_duration_seconds_count{namespace=~"$namespace"}, service)',
};
