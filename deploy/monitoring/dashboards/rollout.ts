import { figure, line, lines, namespaceChoice, table, type Dashboard } from "./dashboard.ts";

const ns = 'namespace=~"$namespace"';
const version = `on (job, instance) group_left (version) stoa_build_info{${ns}}`;
const people = 'http_route!~"/health|/ready|/metrics|/status/200"';
const requests = (more = "") =>
  `sum by (version) (rate(http_server_request_duration_seconds_count{${ns}, ${people}${more}}[$__rate_interval]) * ${version})`;
const calls = (more = "") =>
  `sum by (version) (rate(rpc_server_call_duration_seconds_count{${ns}${more}}[$__rate_interval]) * ${version})`;

/** Two versions side by side: which has the traffic, and which is worse. */
export const rollout: Dashboard = {
  uid: "stoa-rollout",
  title: "Stoa / Rollout",
  says: "Two versions side by side: which has the traffic, and whether the new one is worse.",
  choices: [namespaceChoice],
  rows: [
    {
      title: "Versions",
      panels: [
        figure(
          ["Versions running", "More than one only while a rollout is under way."],
          "short",
          `count(count by (version) (stoa_build_info{${ns}}))`,
          { redFrom: 3 },
        ),
        figure(["Processes", ""], "short", `count(stoa_build_info{${ns}})`),
        table(
          ["Who runs what", "Processes by job and version."],
          "short",
          `count by (job, version) (stoa_build_info{${ns}})`,
        ),
        lines(
          ["Processes by version", ""],
          "short",
          [line(`count by (version) (stoa_build_info{${ns}})`, "{{version}}")],
          { isStacked: true },
        ),
        lines(["Age of the youngest process", "Falls when something is replaced, or crashes."], "s", [
          line(`min by (version) ((time() - process_start_time_seconds{${ns}}) * ${version})`, "{{version}}"),
        ]),
      ],
    },
    {
      title: "New against old",
      panels: [
        lines(
          ["Requests a second", "A canary's share of the traffic."],
          "reqps",
          [line(requests(), "{{version}}")],
          { isStacked: true },
        ),
        lines(
          ["Failed requests", "Part of the requests answered with 500 or more."],
          "percentunit",
          [
            line(
              `(${requests(', http_response_status_code=~"5.."')} or ${requests()} * 0) / (${requests()} > 0)`,
              "{{version}}",
            ),
          ],
          { redFrom: 0.01 },
        ),
        lines(
          [
            "95 of 100 are faster than",
            "stoa rollout goes back by itself when the new version is much slower.",
          ],
          "s",
          [
            line(
              `histogram_quantile(0.95, sum by (version, le) (rate(http_server_request_duration_seconds_bucket{${ns}, ${people}}[$__rate_interval]) * ${version}))`,
              "{{version}}",
            ),
          ],
          { redFrom: 0.2 },
        ),
        lines(
          ["Calls a second", "What services ask of each other."],
          "reqps",
          [line(calls(), "{{version}}")],
          { isStacked: true },
        ),
        lines(
          ["Failed calls", ""],
          "percentunit",
          [
            line(
              `(${calls(', rpc_response_status_code=~"UNKNOWN|DEADLINE_EXCEEDED|UNIMPLEMENTED|INTERNAL|UNAVAILABLE|DATA_LOSS"')} or ${calls()} * 0) / (${calls()} > 0)`,
              "{{version}}",
            ),
          ],
          { redFrom: 0.01 },
        ),
        lines(["Processor for each process", ""], "cores", [
          line(
            `avg by (version) (rate(process_cpu_seconds_total{${ns}}[$__rate_interval]) * ${version})`,
            "{{version}}",
          ),
        ]),
        lines(["Memory of each process", "A new version that grows without end leaks."], "bytes", [
          line(`avg by (version) (process_resident_memory_bytes{${ns}} * ${version})`, "{{version}}"),
        ]),
        lines(["Starts within 15 minutes", ""], "short", [
          line(
            `sum by (version) (changes(process_start_time_seconds{${ns}}[15m]) * ${version})`,
            "{{version}}",
          ),
        ]),
      ],
    },
    {
      title: "On Kubernetes",
      panels: [
        lines(
          ["Pods that are available, of those wanted", ""],
          "percentunit",
          [
            line(
              `kube_deployment_status_replicas_available{${ns}} / (kube_deployment_spec_replicas{${ns}} > 0)`,
              "{{deployment}}",
            ),
          ],
          { redBelow: 1 },
        ),
        lines(["Pods of the new template", "What a Deployment has replaced so far."], "short", [
          line(`kube_deployment_status_replicas_updated{${ns}}`, "{{deployment}}"),
        ]),
        lines(["Containers started anew", ""], "short", [
          line(
            `sum by (pod, container) (increase(kube_pod_container_status_restarts_total{${ns}}[15m])) > 0`,
            "{{pod}} {{container}}",
          ),
        ]),
      ],
    },
  ],
};
