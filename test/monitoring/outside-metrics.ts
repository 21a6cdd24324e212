/** Metrics that the shop does not export itself, by the beginning of their names, and who does. */
export const outsideMetrics: readonly (readonly [prefix: string, exporter: string])[] = [
  ["kube_", "kube-state-metrics"],
  ["container_", "the kubelet's cAdvisor"],
  ["kubelet_", "the kubelet"],
  ["node_", "node-exporter"],
  ["cilium_", "Cilium's agent"],
  ["calico_", "Calico's Felix"],
  ["stoa:connections_denied:", "a rule over what Cilium or Calico export"],
];

/** Labels that Prometheus itself or the discovery of targets puts on series. */
export const ownLabels: readonly string[] = ["job", "instance", "namespace", "le", "pod", "version"];

/** What a shop exports only where a setting asks for it, which the stage's shop does not have. */
export const rareMetrics: Readonly<Record<string, string>> = {
  stoa_reads_total: "a replica of a database answers reads",
};

/** Alerts that no fault of a shop of processes can bring about here, and why: their unit tests are their proof. */
export const onlyByUnitTests: Readonly<Record<string, string>> = {
  PodRestarts: "needs a cluster",
  PodNotReady: "needs a cluster",
  DeploymentShort: "needs a cluster",
  AutoscalerAtMost: "needs a cluster",
  PodMemoryNearlyFull: "needs a cluster",
  PodCpuThrottled: "needs a cluster",
  VolumeNearlyFull: "needs a cluster",
  JobFailed: "needs a cluster",
  NodeNotReady: "needs a cluster",
  NodeDiskNearlyFull: "needs a node that may be filled",
  NodeMemoryLow: "needs a node that may be filled",
  NodeCpuBusy: "needs a node that may be kept busy for half an hour",
  ConnectionsDenied: "needs an engine of network policies",
  DiskNearlyFull: "would fill this machine's disk",
  DiskFull: "would fill this machine's disk",
  HeapNearlyFull: "a process that is held at 85 % of its heap ends before it is told",
  VersionsMixed: "needs two releases side by side",
};
