// Figures of this process, read where they are shown anyway: from its metrics.
import { registry } from "#platform/telemetry/metrics.ts";

/** One value of a metric, with its labels. */
export interface MetricValue {
  readonly labels: { readonly [name: string]: string | number | undefined };
  readonly value: number;
}

/** What a metric shows now; nothing where this process does not have it. */
export async function metricValues(name: string): Promise<readonly MetricValue[]> {
  const metric = registry.getSingleMetric(name);
  if (!metric) return [];
  const { values } = (await metric.get()) as unknown as { readonly values: readonly MetricValue[] };
  return values;
}

/** The sum of those values by the label `service`. */
export async function metricByService(
  name: string,
  isMeant: (labels: MetricValue["labels"]) => boolean = () => true,
): Promise<ReadonlyMap<string, number>> {
  const sums = new Map<string, number>();
  for (const { labels, value } of await metricValues(name)) {
    const service = String(labels["service"] ?? "");
    if (isMeant(labels)) sums.set(service, (sums.get(service) ?? 0) + value);
  }
  return sums;
}
