// What Kubernetes says of the pods of one version, and whether waiting will help.
import type { Health } from "./driver.ts";

export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly containers: readonly Container[] };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly message?: string;
    }[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
}

interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly running?: { readonly startedAt?: string };
    readonly terminated?: { readonly exitCode?: number };
  };
}

/** A process that runs for so long and is not ready will not be. */
const readyWithinMs = 40_000;
/** Reasons of a container that does not start, whatever time it is given. */
const hopeless = new Set([
  "ErrImagePull",
  "ImagePullBackOff",
  "InvalidImageName",
  "ErrImageNeverPull",
  "CrashLoopBackOff",
  "CreateContainerConfigError",
  "CreateContainerError",
  "RunContainerError",
]);

/** The part of an image's name behind its last colon, or its digest. */
export function versionOf(image: string): string {
  const at = image.indexOf("@");
  if (at !== -1) return image.slice(at + 1);
  const colon = image.lastIndexOf(":");
  return colon > image.lastIndexOf("/") ? image.slice(colon + 1) : "";
}

/** Pods of one version that have not been told to end. */
export function podsOf(pods: readonly Pod[], tag: string): Pod[] {
  return pods.filter(
    ({ metadata, spec }) =>
      metadata.deletionTimestamp === undefined &&
      spec.containers.some(({ image }) => versionOf(image) === tag),
  );
}

export function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false;
}

/** Health of the pods of one version, at the instant `nowMs`. */
export function healthOf(pods: readonly Pod[], wanted: number, nowMs: number): Health {
  const ready = pods.filter(isReady).length;
  const fault = pods.map((pod) => faultOf(pod, nowMs)).find((sentence) => sentence !== undefined);
  return { wanted, ready, ...(fault === undefined ? {} : { fault }) };
}

function faultOf(pod: Pod, nowMs: number): string | undefined {
  const { name } = pod.metadata;
  for (const { restartCount, state, ready } of pod.status?.containerStatuses ?? []) {
    const { reason = "", message = "" } = state?.waiting ?? {};
    if (hopeless.has(reason)) return `The pod ${name} does not start: ${reason}. ${message}`.trim();
    if (restartCount > 0 && !ready)
      return `The pod ${name} ended and was started again ${restartCount} times.`;
    const startedAt = state?.running?.startedAt;
    if (startedAt === undefined || ready) continue;
    const runsMs = nowMs - Date.parse(startedAt);
    if (runsMs > readyWithinMs)
      return `The pod ${name} runs for ${Math.round(runsMs / 1000)} s and is not ready.`;
  }
  return undefined;
}
