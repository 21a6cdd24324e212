import { figure, line, lines, namespaceChoice, type Dashboard } from "./dashboard.ts";

const ns = 'namespace=~"$namespace"';
const container = `${ns}, container!="", container!="POD"`;
const postgres = `${ns}, pod=~".*postgres.*"`;
const disks = 'fstype!~"tmpfs|overlay|squashfs|ramfs|fuse.*"';

/** What the shop stands on in a cluster: kubelet and cAdvisor, kube-state-metrics, node-exporter, the engine of policies. */
export const infrastructure: Dashboard = {
  uid: "stoa-infrastructure",
  title: "Stoa / Infrastructure",
  says: "Pods, autoscalers, volumes, nodes and denied connections, where the shop runs on Kubernetes.",
  choices: [namespaceChoice],
  rows: [
    {
      title: "Pods",
      panels: [
        figure(["Pods ready", ""], "short", `sum(kube_pod_status_ready{${ns}, condition="true"})`),
        figure(
          ["Restarts, 1 hour", ""],
          "short",
          `sum(increase(kube_pod_container_status_restarts_total{${ns}}[1h]))`,
          { redFrom: 3 },
        ),
        figure(["Jobs that failed", ""], "short", `count(kube_job_status_failed{${ns}} > 0) or vector(0)`, {
          redFrom: 1,
        }),
        figure(
          ["Volumes", "Free part of the fullest."],
          "percentunit",
          `min(kubelet_volume_stats_available_bytes{${ns}} / kubelet_volume_stats_capacity_bytes{${ns}})`,
          { redBelow: 0.15 },
        ),
        lines(["CPU of pods", "Cores."], "cores", [
          line(
            `sum by (pod) (rate(container_cpu_usage_seconds_total{${container}}[$__rate_interval]))`,
            "{{pod}}",
          ),
        ]),
        lines(
          ["CPU against its limit", ""],
          "percentunit",
          [
            line(
              `sum by (pod, container) (rate(container_cpu_usage_seconds_total{${container}}[$__rate_interval])) / on (pod, container) max by (pod, container) (kube_pod_container_resource_limits{${ns}, resource="cpu"})`,
              "{{pod}} {{container}}",
            ),
          ],
          { redFrom: 0.9 },
        ),
        lines(
          ["Held back by the CPU limit", "Part of the time."],
          "percentunit",
          [
            line(
              `sum by (pod) (rate(container_cpu_cfs_throttled_periods_total{${container}}[$__rate_interval])) / (sum by (pod) (rate(container_cpu_cfs_periods_total{${container}}[$__rate_interval])) > 0)`,
              "{{pod}}",
            ),
          ],
          { redFrom: 0.25 },
        ),
        lines(["Memory of pods", ""], "bytes", [
          line(`sum by (pod) (container_memory_working_set_bytes{${container}})`, "{{pod}}"),
        ]),
        lines(
          ["Memory against its limit", "At 1 the kernel kills the container."],
          "percentunit",
          [
            line(
              `max by (pod, container) (container_memory_working_set_bytes{${container}}) / on (pod, container) max by (pod, container) (kube_pod_container_resource_limits{${ns}, resource="memory"})`,
              "{{pod}} {{container}}",
            ),
          ],
          { redFrom: 0.9 },
        ),
        lines(["Network of pods", "In, and out below."], "Bps", [
          line(
            `sum by (pod) (rate(container_network_receive_bytes_total{${ns}}[$__rate_interval]))`,
            "{{pod}} in",
          ),
          line(
            `sum by (pod) (rate(container_network_transmit_bytes_total{${ns}}[$__rate_interval]))`,
            "{{pod}} out",
          ),
        ]),
        lines(["Restarts of containers", "Within 15 minutes."], "short", [
          line(`increase(kube_pod_container_status_restarts_total{${ns}}[15m]) > 0`, "{{pod}} {{container}}"),
        ]),
        lines(["Why containers wait", "CrashLoopBackOff, ImagePullBackOff and the like."], "short", [
          line(`sum by (reason) (kube_pod_container_status_waiting_reason{${ns}})`, "{{reason}}"),
        ]),
      ],
    },
    {
      title: "Autoscaling",
      panels: [
        lines(
          [
            "Pods of autoscalers",
            "Now, wanted, and the most that are allowed; each step is an event of scaling.",
          ],
          "short",
          [
            line(
              `kube_horizontalpodautoscaler_status_current_replicas{${ns}}`,
              "{{horizontalpodautoscaler}} now",
            ),
            line(
              `kube_horizontalpodautoscaler_status_desired_replicas{${ns}}`,
              "{{horizontalpodautoscaler}} wanted",
            ),
            line(`kube_horizontalpodautoscaler_spec_max_replicas{${ns}}`, "{{horizontalpodautoscaler}} most"),
          ],
        ),
        lines(
          [
            "Events of scaling",
            "How often the wanted number changed within an hour; many mean that it swings.",
          ],
          "short",
          [
            line(
              `changes(kube_horizontalpodautoscaler_status_desired_replicas{${ns}}[1h])`,
              "{{horizontalpodautoscaler}}",
            ),
          ],
        ),
        lines(
          ["Autoscalers that cannot decide", "Usually the metric is missing."],
          "short",
          [
            line(
              `kube_horizontalpodautoscaler_status_condition{${ns}, condition="ScalingActive", status="false"} > 0`,
              "{{horizontalpodautoscaler}}",
            ),
          ],
          { redFrom: 1 },
        ),
      ],
    },
    {
      title: "Database and volumes",
      panels: [
        lines(["Disk of PostgreSQL, bytes a second", ""], "Bps", [
          line(
            `sum by (pod) (rate(container_fs_reads_bytes_total{${postgres}}[$__rate_interval]))`,
            "{{pod}} read",
          ),
          line(
            `sum by (pod) (rate(container_fs_writes_bytes_total{${postgres}}[$__rate_interval]))`,
            "{{pod}} written",
          ),
        ]),
        lines(["Disk of PostgreSQL, operations a second", ""], "iops", [
          line(
            `sum by (pod) (rate(container_fs_reads_total{${postgres}}[$__rate_interval]))`,
            "{{pod}} reads",
          ),
          line(
            `sum by (pod) (rate(container_fs_writes_total{${postgres}}[$__rate_interval]))`,
            "{{pod}} writes",
          ),
        ]),
        lines(
          ["Use of volumes", "Part of what each claim has."],
          "percentunit",
          [
            line(
              `kubelet_volume_stats_used_bytes{${ns}} / (kubelet_volume_stats_capacity_bytes{${ns}} > 0)`,
              "{{persistentvolumeclaim}}",
            ),
          ],
          { redFrom: 0.85 },
        ),
      ],
    },
    {
      title: "Nodes",
      panels: [
        lines(
          ["Processors", "Busy part."],
          "percentunit",
          [
            line(
              '1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[$__rate_interval]))',
              "{{instance}}",
            ),
          ],
          { redFrom: 0.9 },
        ),
        lines(
          ["Memory", "Part in use."],
          "percentunit",
          [line("1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes", "{{instance}}")],
          { redFrom: 0.9 },
        ),
        lines(
          ["Disks", "Part in use."],
          "percentunit",
          [
            line(
              `1 - node_filesystem_avail_bytes{${disks}} / (node_filesystem_size_bytes{${disks}} > 0)`,
              "{{instance}} {{mountpoint}}",
            ),
          ],
          { redFrom: 0.9 },
        ),
        lines(["Disks of nodes", "Bytes a second."], "Bps", [
          line("sum by (instance) (rate(node_disk_read_bytes_total[$__rate_interval]))", "{{instance}} read"),
          line(
            "sum by (instance) (rate(node_disk_written_bytes_total[$__rate_interval]))",
            "{{instance}} written",
          ),
        ]),
        lines(["Network of nodes", ""], "Bps", [
          line(
            'sum by (instance) (rate(node_network_receive_bytes_total{device!="lo"}[$__rate_interval]))',
            "{{instance}} in",
          ),
          line(
            'sum by (instance) (rate(node_network_transmit_bytes_total{device!="lo"}[$__rate_interval]))',
            "{{instance}} out",
          ),
        ]),
        lines(["Nodes that are not ready", ""], "short", [
          line('kube_node_status_condition{condition="Ready", status="true"} == 0', "{{node}}"),
        ]),
      ],
    },
    {
      title: "Network policies",
      panels: [
        lines(
          [
            "Denied packets a second",
            "As Cilium or Calico count them; another engine exports nothing, and the panel is empty.",
          ],
          "short",
          [
            line(
              'sum by (direction) (rate(cilium_drop_count_total{reason="Policy denied"}[$__rate_interval]))',
              "Cilium {{direction}}",
            ),
            line("sum by (policy) (rate(calico_denied_packets[$__rate_interval]))", "Calico {{policy}}"),
          ],
          { redFrom: 1 },
        ),
      ],
    },
  ],
};
