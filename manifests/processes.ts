/** Where processes are that can be asked how they do: for whoever shows it to people. */
import type { KubernetesObject, ShopRelease } from "./shop-release.ts";

/** A headless Service for each place: all its pods, ready or not and of whichever version. */
export function processServices(release: ShopRelease): KubernetesObject[] {
  return release.places.map(({ name, host, port }) => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: release.metadata(host, name),
    spec: {
      clusterIP: "None",
      publishNotReadyAddresses: true,
      selector: release.selector(name),
      ports: [{ name: "operations", port, targetPort: "operations", appProtocol: "http" }],
    },
  }));
}
