// What the values of a release say about how one service is rolled out.
import { StartError } from "#platform/kit/start-error.ts";
import type { Strategy } from "./plan.ts";
import type { Values } from "./release.ts";

export interface RolloutValues {
  readonly engine: string;
  readonly strategy: Strategy;
  readonly workload: string;
  readonly active: string;
  readonly to: string;
  /** How many replicas the service has when no rollout is under way and no autoscaler knows better. */
  readonly replicas: number;
  /** How many it needs at full traffic, of a rollout under way. */
  readonly full: number | undefined;
  /** Tag or digest of a service without slots. */
  readonly version: string | undefined;
  readonly slots: { readonly [name: string]: SlotValues };
}

export interface SlotValues {
  readonly version: string | undefined;
  readonly replicas: number | undefined;
  readonly weight: number | undefined;
}

/** Reads them as the chart does: the service's own over the defaults. */
export function rolloutValues(values: Values, service: string): RolloutValues {
  const own = objectAt(objectAt(values, "services"), service);
  const defaults = objectAt(values, "defaults");
  const rollout = { ...objectAt(defaults, "rollout"), ...objectAt(own, "rollout") };
  const strategy = textAt(rollout, "strategy") ?? "rolling";
  if (strategy !== "rolling" && strategy !== "blueGreen" && strategy !== "canary")
    throw new StartError(
      `services.${service}.rollout.strategy is "${strategy}"; it can be rolling, blueGreen or canary.`,
    );
  const first = { rolling: "", blueGreen: "blue", canary: "v1" }[strategy];
  return {
    engine: textAt(rollout, "engine") ?? "native",
    strategy,
    workload: textAt(own, "workload") ?? service,
    active: strategy === "rolling" ? "" : (textAt(rollout, "active") ?? first),
    to: strategy === "rolling" ? "" : (textAt(rollout, "to") ?? ""),
    replicas: numberAt(own, "replicas") ?? numberAt(defaults, "replicas") ?? 1,
    full: numberAt(rollout, "replicas"),
    version: versionIn(objectAt(own, "image")) ?? versionIn(objectAt(values, "image")),
    slots: Object.fromEntries(
      ["blue", "green", "v1", "v2"].map((name) => {
        const slot = objectAt(rollout, name);
        return [
          name,
          {
            version: versionIn(slot),
            replicas: numberAt(slot, "replicas"),
            weight: numberAt(slot, "weight"),
          },
        ];
      }),
    ),
  };
}

function versionIn(image: Values): string | undefined {
  return textAt(image, "digest") ?? textAt(image, "tag");
}

function objectAt(values: Values, name: string): Values {
  const value = values[name];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Values) : {};
}

/** Undefined where it is empty: the chart takes the usual then. */
function textAt(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

function numberAt(values: Values, name: string): number | undefined {
  const value = values[name];
  return typeof value === "number" ? value : undefined;
}
