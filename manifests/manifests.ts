/** All objects of a release as code: what `helm template` prints of the same chart, without Helm. */
import { StartError } from "#platform/kit/start-error.ts";
import { ingresses } from "./ingress.ts";
import { audit, backup, databasesJob, migrateJob, secretsJob } from "./jobs.ts";
import { networkPolicies } from "./network.ts";
import { ShopRelease, type KubernetesObject } from "./shop-release.ts";
import { postgres, redis } from "./state.ts";
import { isMap, type Values } from "./values.ts";
import {
  autoscaler,
  budget,
  configMaps,
  deployments,
  namespace,
  serviceAccount,
  services,
} from "./workloads.ts";
import { processServices } from "./processes.ts";

export interface ReleaseName {
  readonly name: string;
  /** Where the objects stand, unless the values name another namespace. */
  readonly namespace: string;
}

export function manifestsOf(values: Values, { name, namespace: home }: ReleaseName): KubernetesObject[] {
  const release = new ShopRelease(values, name, home);
  refuseUnknown(release);
  const objects = [
    ...namespace(release),
    ...configMaps(release),
    ...release.services.flatMap((service) => [
      serviceAccount(release, service),
      ...deployments(release, service),
      ...services(release, service),
      ...budget(release, service),
      ...autoscaler(release, service),
    ]),
    ...processServices(release),
    ...postgres(release),
    ...redis(release),
    ...secretsJob(release),
    ...databasesJob(release),
    ...migrateJob(release),
    ...audit(release),
    ...backup(release),
    ...networkPolicies(release),
    ...ingresses(release),
  ];
  // Fields that are undefined are left out, as they are in what is printed.
  return objects.map((object) => JSON.parse(JSON.stringify(object)) as KubernetesObject);
}

/** What only the chart knows is never left out in silence. */
function refuseUnknown(release: ShopRelease): void {
  const { values } = release;
  const monitoring = Object.entries(values.monitoring).filter(
    ([, said]) => isMap(said) && said["enabled"] === true,
  );
  const unknown = [
    ...(values.ingress.enabled && values.ingress.controller === "traefik" ? ["ingress.controller"] : []),
    ...(values.gatewayApi.enabled ? ["gatewayApi.enabled"] : []),
    ...(values.tls.enabled ? ["tls.enabled"] : []),
    ...(values.mesh.type === "none" ? [] : ["mesh.type"]),
    ...(values.rabbitmq.enabled ? ["rabbitmq.enabled"] : []),
    ...(values.secrets.external.enabled ? ["secrets.external.enabled"] : []),
    ...(values.secrets.keys.signing ? ["secrets.keys.signing"] : []),
    ...(values.secrets.redis.existing && !values.redis.enabled ? ["secrets.redis.existing"] : []),
    ...(values.secrets.rabbitmq.existing ? ["secrets.rabbitmq.existing"] : []),
    ...monitoring.map(([name]) => `monitoring.${name}.enabled`),
    ...release.services.flatMap(({ name, rollout, autoscaling }) => [
      ...(rollout.engine === "argo" && rollout.strategy !== "rolling"
        ? [`services.${name}.rollout.engine`]
        : []),
      ...(autoscaling.enabled && autoscaling.keda ? [`services.${name}.autoscaling.keda`] : []),
    ]),
  ];
  if (unknown.length > 0)
    throw new StartError(
      `stoa manifests does not know the objects that ${unknown.join(" and ")} ask${unknown.length === 1 ? "s" : ""} for. Use the chart with Helm: helm template deploy/helm/stoa.`,
    );
}
