import { line, lines, namespaceChoice, serviceChoice, type Dashboard } from "./dashboard.ts";

const ns = 'namespace=~"$namespace"';
const of = `${ns}, service=~"$service"`;
const people = 'http_route!~"/health|/ready|/metrics|/status/200"';
const p95 = (histogram: string, by: string, matchers: string) =>
  `histogram_quantile(0.95, sum by (${by}, le) (rate(${histogram}_bucket{${matchers}}[$__rate_interval])))`;

/** Where the time goes: routes, calls, statements, the process itself. */
export const performance: Dashboard = {
  uid: "stoa-performance",
  title: "Stoa / Performance",
  says: "Where the time of a request goes, from the route to the statement.",
  choices: [namespaceChoice, serviceChoice],
  rows: [
    {
      title: "Routes",
      panels: [
        lines(["Requests a second, by route", "What people and programs ask for."], "reqps", [
          line(
            `topk(15, sum by (service, http_route) (rate(http_server_request_duration_seconds_count{${of}, ${people}}[$__rate_interval])))`,
            "{{service}} {{http_route}}",
          ),
        ]),
        lines(
          ["95 of 100 are faster than, by route", "The slowest fifteen; the red line is what was promised."],
          "s",
          [
            line(
              `topk(15, ${p95("http_server_request_duration_seconds", "service, http_route", `${of}, ${people}`)} > 0)`,
              "{{service}} {{http_route}}",
            ),
          ],
          { redFrom: 0.2 },
        ),
        lines(
          ["Failed requests, by route", "Part of the requests answered with 500 or more."],
          "percentunit",
          [line(`stoa:http_route_errors:ratio5m{${of}} > 0`, "{{service}} {{http_route}}")],
        ),
        lines(
          ["Answers by status", "4xx is what the caller did wrong; 5xx is ours."],
          "reqps",
          [
            line(
              `sum by (http_response_status_code) (rate(http_server_request_duration_seconds_count{${of}, ${people}}[$__rate_interval]))`,
              "{{http_response_status_code}}",
            ),
          ],
          { isStacked: true },
        ),
        lines(
          ["Requests under way", "If it stands at the limit, the process has more to do than it can."],
          "short",
          [
            line(`sum by (service) (http_server_active_requests{${of}})`, "{{service}}"),
            line(`sum by (service) (stoa_http_limit{${of}}) < 1000`, "{{service}} limit"),
          ],
        ),
        lines(
          ["Placing an order", "How long the one act of checkout takes: half, 95 and 99 of 100."],
          "s",
          [0.5, 0.95, 0.99].map((part) =>
            line(
              `histogram_quantile(${part}, sum by (le) (rate(rpc_server_call_duration_seconds_bucket{${ns}, rpc_method="stoa.checkout.v1.CheckoutService/PlaceOrder"}[$__rate_interval])))`,
              `${part * 100} of 100`,
            ),
          ),
        ),
      ],
    },
    {
      title: "Calls among services",
      panels: [
        lines(
          [
            "95 of 100 calls are faster than, by method",
            "The slowest fifteen, as the service itself measures them.",
          ],
          "s",
          [
            line(
              `topk(15, ${p95("rpc_server_call_duration_seconds", "service, rpc_method", of)} > 0)`,
              "{{rpc_method}}",
            ),
          ],
        ),
        lines(
          ["As the caller waits", "Far above the neighbour's own time, the way between them is slow."],
          "s",
          [
            line(
              `${p95("rpc_client_call_duration_seconds", "service, neighbour", of)} > 0`,
              "{{service}} → {{neighbour}}",
            ),
          ],
        ),
        lines(["Calls by status", "What was refused and why."], "reqps", [
          line(
            `sum by (rpc_response_status_code) (rate(rpc_server_call_duration_seconds_count{${of}, rpc_response_status_code!="OK"}[$__rate_interval]))`,
            "{{rpc_response_status_code}}",
          ),
        ]),
      ],
    },
    {
      title: "Databases",
      panels: [
        lines(
          ["95 of 100 statements are faster than", "The slowest fifteen, by the name of the statement."],
          "s",
          [
            line(
              `topk(15, ${p95("db_client_operation_duration_seconds", "service, db_query_summary", of)} > 0)`,
              "{{service}} {{db_query_summary}}",
            ),
          ],
        ),
        lines(
          ["Database time, by statement", "Seconds of waiting in each second: what would pay to be faster."],
          "short",
          [
            line(
              `topk(15, sum by (service, db_query_summary) (rate(db_client_operation_duration_seconds_sum{${of}}[$__rate_interval])))`,
              "{{service}} {{db_query_summary}}",
            ),
          ],
          { isStacked: true },
        ),
        lines(
          ["Connections in use", "Part of those that the processes may open."],
          "percentunit",
          [line(`max by (service) (stoa:db_pool_used:ratio{${of}})`, "{{service}}")],
          { redFrom: 0.9 },
        ),
        lines(
          [
            "Statements that wait for a connection",
            "More than a moment of it means that the pool is too small, or statements too slow.",
          ],
          "short",
          [line(`sum by (service) (db_client_connection_pending_requests{${of}})`, "{{service}}")],
          { redFrom: 5 },
        ),
        lines(
          ["95 of 100 get a connection within", ""],
          "s",
          [line(`max by (service) (stoa:db_wait_seconds:p95_5m{${of}}) > 0`, "{{service}}")],
          { redFrom: 0.1 },
        ),
        lines(
          ["Connections at the server", "All that the database server has, and how many it allows."],
          "short",
          [
            line(`max by (service) (stoa_database_connections{${of}})`, "{{service}}"),
            line(`max(stoa_database_connections_max{${of}})`, "allowed"),
          ],
        ),
        lines(
          [
            "Found in the server's memory",
            "Part of the pages; below 0.99 on a warm server the memory is too small.",
          ],
          "percentunit",
          [line(`min by (service) (stoa_database_cache_hit_ratio{${of}})`, "{{service}}")],
        ),
        lines(
          ["Deadlocks", "Ended by the server; one now and then is repeated by itself."],
          "short",
          [line(`sum by (service) (increase(stoa_database_deadlocks_total{${of}}[15m])) > 0`, "{{service}}")],
          { redFrom: 1 },
        ),
        lines(["Reads of replicas", "Where there is a replica: who answers what it may answer."], "reqps", [
          line(
            `sum by (service, from) (rate(stoa_reads_total{${of}}[$__rate_interval]))`,
            "{{service}} {{from}}",
          ),
        ]),
      ],
    },
    {
      title: "Processes",
      panels: [
        lines(
          [
            "Event loop, 99 of 100 turns",
            "How late the loop comes; everything in the process waits so long.",
          ],
          "s",
          [
            line(
              `nodejs_eventloop_lag_p99_seconds{${ns}} and on (job, instance) stoa_build_info`,
              "{{job}} {{instance}}",
            ),
          ],
          { redFrom: 0.25 },
        ),
        lines(
          ["Processor", "Cores that a process uses; one is all that its own code can."],
          "cores",
          [
            line(
              `rate(process_cpu_seconds_total{${ns}}[$__rate_interval]) and on (job, instance) stoa_build_info`,
              "{{job}} {{instance}}",
            ),
          ],
          { redFrom: 0.9 },
        ),
        lines(
          ["Heap in use", "Part of what V8 may take; beyond 0.85 it does little but collect garbage."],
          "percentunit",
          [
            line(
              `nodejs_heap_size_used_bytes{${ns}} / nodejs_heap_size_limit_bytes{${ns}}`,
              "{{job}} {{instance}}",
            ),
          ],
          { redFrom: 0.85 },
        ),
        lines(["Memory", "What a process has of the machine's memory."], "bytes", [
          line(
            `process_resident_memory_bytes{${ns}} and on (job, instance) stoa_build_info`,
            "{{job}} {{instance}}",
          ),
        ]),
        lines(["Collecting garbage", "Seconds of each second."], "percentunit", [
          line(
            `sum by (job, instance) (rate(nodejs_gc_duration_seconds_sum{${ns}}[$__rate_interval]))`,
            "{{job}} {{instance}}",
          ),
        ]),
        lines(["Log lines a second", "By kind; a flood of them is a fault of its own."], "reqps", [
          line(
            `sum by (kind, level) (rate(stoa_log_lines_total{${ns}}[$__rate_interval]))`,
            "{{kind}} {{level}}",
          ),
        ]),
      ],
    },
  ],
};
