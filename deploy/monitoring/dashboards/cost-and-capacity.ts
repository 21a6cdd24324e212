import { figure, line, lines, namespaceChoice, type Dashboard } from "./dashboard.ts";

const ns = 'namespace=~"$namespace"';
const shop = "on (job, instance) stoa_build_info";
const cores = `sum(rate(process_cpu_seconds_total{${ns}}[1h]) and ${shop})`;
const memory = `sum(process_resident_memory_bytes{${ns}} and ${shop})`;
const data = `sum(max by (service) (stoa_database_size_bytes{${ns}}))`;
const gibibyte = 1_073_741_824;
const money = `(${cores} * $core_hour + ${memory} / ${gibibyte} * $memory_hour + ${data} / ${gibibyte} * $disk_month / 730)`;
const perSecond = (metric: string) => `(sum(rate(${metric}{${ns}}[1h])) > 0)`;

/** What the shop uses, what that costs at the prices typed above, and what runs out first. */
export const costAndCapacity: Dashboard = {
  uid: "stoa-capacity",
  title: "Stoa / Cost and capacity",
  says: "What the shop uses, what that costs at the prices typed above the panels, and what runs out first.",
  choices: [
    namespaceChoice,
    { name: "core_hour", label: "A core, an hour", value: "0.04" },
    { name: "memory_hour", label: "A GiB of memory, an hour", value: "0.005" },
    { name: "disk_month", label: "A GiB of disk, a month", value: "0.10" },
  ],
  rows: [
    {
      title: "Cost",
      panels: [
        figure(["Cores", "Used by the shop's processes, average of an hour."], "cores", cores),
        figure(["Memory", "Used by the shop's processes."], "bytes", memory),
        figure(["Data", "All databases."], "bytes", data),
        figure(
          ["A month at this rate", "Used, not reserved: what is reserved on nodes costs more."],
          "currency",
          `${money} * 730`,
        ),
        figure(
          ["For each order", "Cost of an hour by the orders of an hour."],
          "currency",
          `${money} / 3600 / ${perSecond("stoa_orders_total")}`,
        ),
        figure(
          ["For 1,000 requests", ""],
          "currency",
          `1000 * ${money} / 3600 / (sum(stoa:http_requests:rate5m{${ns}}) > 0)`,
        ),
        lines(
          [
            "Processor time for each order",
            "All processes together; growing with the same orders, something became dear.",
          ],
          "s",
          [line(`${cores} / ${perSecond("stoa_orders_total")}`, "an order")],
        ),
        lines(["Processor time for each request", ""], "s", [
          line(`${cores} / (sum(stoa:http_requests:rate5m{${ns}}) > 0)`, "a request"),
        ]),
        lines(["Cost an hour", "At the prices above."], "currency", [line(money, "used")]),
      ],
    },
    {
      title: "What runs out first",
      panels: [
        lines(
          ["Busiest core", "One process can use one core for its own code: beyond 0.7, add replicas."],
          "percentunit",
          [line(`topk(5, rate(process_cpu_seconds_total{${ns}}[5m]) and ${shop})`, "{{job}} {{instance}}")],
          { redFrom: 0.7 },
        ),
        lines(
          ["Connections of the database server", "Part of what it allows."],
          "percentunit",
          [
            line(
              `max by (service) (stoa_database_connections{${ns}} / (stoa_database_connections_max{${ns}} > 0))`,
              "{{service}}",
            ),
          ],
          { redFrom: 0.85 },
        ),
        lines(
          ["Disk free", "Part of the disk that holds the data."],
          "percentunit",
          [
            line(
              `min by (instance, path) (stoa_disk_free_bytes{${ns}} / (stoa_disk_size_bytes{${ns}} > 0))`,
              "{{instance}} {{path}}",
            ),
          ],
          { redBelow: 0.15 },
        ),
        lines(
          ["Days until the disk is full", "As the last day went on."],
          "short",
          [
            line(
              `min by (instance, path) (stoa_disk_free_bytes{${ns}} / (-deriv(stoa_disk_free_bytes{${ns}}[1d]) > 0)) / 86400`,
              "{{instance}} {{path}}",
            ),
          ],
          { redBelow: 14 },
        ),
        lines(
          ["Size of the databases", ""],
          "bytes",
          [line(`max by (service) (stoa_database_size_bytes{${ns}})`, "{{service}}")],
          { isStacked: true },
        ),
        lines(["Growth of the databases a day", ""], "bytes", [
          line(`max by (service) (delta(stoa_database_size_bytes{${ns}}[1d]))`, "{{service}}"),
        ]),
        lines(["Size of the last backup", ""], "bytes", [
          line(`max by (service) (stoa_backup_size_bytes{${ns}})`, "{{service}}"),
        ]),
        lines(
          [
            "Requests against what a process can take",
            "1 means that the process itself has found its limit.",
          ],
          "percentunit",
          [
            line(
              `max by (service) (http_server_active_requests{${ns}} / (stoa_http_limit{${ns}} > 0))`,
              "{{service}}",
            ),
          ],
          { redFrom: 0.9 },
        ),
      ],
    },
  ],
};
