import type { ConfigOf } from "#platform/kit/config.ts";
import type { AdminConfig } from "../config.ts";

/** Where the shop's own Prometheus, trace store and dashboards are looked at; undefined where none is named. */
export interface OpsLinks {
  readonly prometheus: string | undefined;
  readonly grafana: string | undefined;
  /** The trace store itself, at one trace where an id is given. */
  readonly trace: (traceId: string) => string | undefined;
}

export type LinkConfig = Pick<
  ConfigOf<typeof AdminConfig>,
  "OPS_PROMETHEUS_URL" | "OPS_TRACES_URL" | "OPS_GRAFANA_URL"
>;

export function opsLinks(config: LinkConfig): OpsLinks {
  const { OPS_PROMETHEUS_URL: prometheus, OPS_TRACES_URL: traces, OPS_GRAFANA_URL: grafana } = config;
  return {
    prometheus,
    grafana,
    trace: (traceId) => traces?.replace("{traceId}", encodeURIComponent(traceId)),
  };
}
