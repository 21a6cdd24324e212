import { figure, line, lines, namespaceChoice, table, type Dashboard } from "./dashboard.ts";

const ns = 'namespace=~"$namespace"';

/** Is the shop well? The first page to look at. */
export const serviceHealth: Dashboard = {
  uid: "stoa-health",
  title: "Stoa / Service health",
  says: "Whether the shop is well, what it has promised, and which part is not well.",
  choices: [namespaceChoice],
  rows: [
    {
      title: "Now",
      panels: [
        figure(
          ["Processes that answer", "Processes of the shop whose metrics can be read."],
          "short",
          `count(stoa_build_info{${ns}})`,
          { redBelow: 1 },
        ),
        figure(
          ["Processes missing", "Processes of the shop that were there within a day and do not answer."],
          "short",
          `count((up{${ns}} == 0) and on (job, instance) last_over_time(stoa_build_info{${ns}}[1d])) or vector(0)`,
          { redFrom: 1 },
        ),
        figure(
          ["Alerts firing", "Each has a page in docs/operate/runbooks."],
          "short",
          'count(ALERTS{alertstate="firing"}) or vector(0)',
          { redFrom: 1 },
        ),
        figure(
          ["Rules broken", "Things in the books that break a rule about money, stock or orders."],
          "short",
          `sum(max by (invariant) (stoa_invariant_violations{${ns}}))`,
          { redFrom: 1 },
        ),
        figure(
          ["Failed, 5 minutes", "Part of the requests that failed through our fault; 0.1 % were promised."],
          "percentunit",
          `sum(stoa:http_errors:rate5m{${ns}}) / sum(stoa:http_requests:rate5m{${ns}})`,
          { redFrom: 0.001 },
        ),
        figure(
          ["Slower than 0.2 s, 5 minutes", "Part of the requests that took longer; 5 % were promised."],
          "percentunit",
          `sum(stoa:http_slow:rate5m{${ns}}) / sum(stoa:http_requests:rate5m{${ns}})`,
          { redFrom: 0.05 },
        ),
        table(
          ["Alerts", "What fires now. The runbook of the same name says what to do."],
          "short",
          'ALERTS{alertstate="firing"}',
        ),
      ],
    },
    {
      title: "What people get",
      panels: [
        lines(["Requests a second", "Pages (storefront) and REST (gateway), without probes."], "reqps", [
          line(`sum by (service) (stoa:http_requests:rate5m{${ns}})`, "{{service}}"),
        ]),
        lines(
          [
            "Failed requests",
            "Part of the requests that were answered with 500 or more. The red line is what was promised.",
          ],
          "percentunit",
          [line(`max by (service) (stoa:http_errors:ratio5m{${ns}})`, "{{service}}")],
          { redFrom: 0.001 },
        ),
        lines(
          ["95 of 100 are faster than", "The red line is the 0.2 s that were promised."],
          "s",
          [line(`max by (service) (stoa:http_request_duration_seconds:p95_5m{${ns}})`, "{{service}}")],
          { redFrom: 0.2 },
        ),
        lines(
          [
            "Availability: how fast the budget burns",
            "1 uses exactly what a month allows. 14.4 for an hour wakes somebody, 3 for a day is a ticket.",
          ],
          "short",
          [
            line(`max by (service) (stoa:http_errors:ratio1h{${ns}}) / 0.001`, "{{service}} 1 h"),
            line(`max by (service) (stoa:http_errors:ratio6h{${ns}}) / 0.001`, "{{service}} 6 h"),
            line(`max by (service) (stoa:http_errors:ratio3d{${ns}}) / 0.001`, "{{service}} 3 d"),
          ],
          { redFrom: 14.4 },
        ),
        lines(
          ["Latency: how fast the budget burns", "The same for answers slower than 0.2 s."],
          "short",
          [
            line(`max by (service) (stoa:http_slow:ratio1h{${ns}}) / 0.05`, "{{service}} 1 h"),
            line(`max by (service) (stoa:http_slow:ratio6h{${ns}}) / 0.05`, "{{service}} 6 h"),
            line(`max by (service) (stoa:http_slow:ratio3d{${ns}}) / 0.05`, "{{service}} 3 d"),
          ],
          { redFrom: 14.4 },
        ),
        lines(["Turned away", "Requests a second refused because a process is full."], "reqps", [
          line(
            `sum by (service, precedence) (rate(stoa_http_shed_total{${ns}}[$__rate_interval]))`,
            "{{service}} {{precedence}}",
          ),
        ]),
      ],
    },
    {
      title: "The services among each other",
      panels: [
        lines(["Calls a second", "What each service is asked by others."], "reqps", [
          line(
            `sum by (service) (rate(rpc_server_call_duration_seconds_count{${ns}}[$__rate_interval]))`,
            "{{service}}",
          ),
        ]),
        lines(
          ["Failed calls", "Part of the calls that failed through the service's own fault."],
          "percentunit",
          [line(`max by (service) (stoa:rpc_errors:ratio5m{${ns}})`, "{{service}}")],
          { redFrom: 0.05 },
        ),
        lines(
          ["Breakers", "2: calls to the neighbour are refused at once. 1: one is tried."],
          "short",
          [
            line(
              `max by (service, neighbour) (stoa_neighbour_breaker{${ns}}) > 0`,
              "{{service}} → {{neighbour}}",
            ),
          ],
          { redFrom: 2 },
        ),
        lines(
          ["Calls that did not get through", "By why: timeout, unavailable, or not sent at all."],
          "reqps",
          [
            line(
              `sum by (service, neighbour, outcome) (rate(stoa_neighbour_calls_total{${ns}, outcome=~"timeout|unavailable|not_sent"}[$__rate_interval]))`,
              "{{service}} → {{neighbour}} {{outcome}}",
            ),
          ],
        ),
        lines(["Calls made once more", "Repeats hide a fault for a while; many of them are one."], "reqps", [
          line(
            `sum by (service, neighbour) (rate(stoa_neighbour_retries_total{${ns}}[$__rate_interval]))`,
            "{{service}} → {{neighbour}}",
          ),
        ]),
        lines(
          ["Faults injected on purpose", "Rules of fault injection in force."],
          "short",
          [line(`max by (service) (stoa_fault_injection_active{${ns}})`, "{{service}}")],
          { redFrom: 1 },
        ),
      ],
    },
    {
      title: "What is owed",
      panels: [
        lines(
          [
            "Oldest event not delivered",
            "Age of what a service has told nobody yet. Beyond a minute somebody is woken.",
          ],
          "s",
          [line(`max by (service) (stoa_outbox_lag_seconds{${ns}})`, "{{service}}")],
          { redFrom: 60 },
        ),
        lines(
          ["Checkouts under way", "By status; those that wait for the buyer may take their time."],
          "short",
          [line(`sum by (status) (max by (service, status) (stoa_checkouts_open{${ns}}))`, "{{status}}")],
        ),
        lines(
          ["Oldest checkout", "Beyond five minutes it is stuck."],
          "s",
          [line(`max(stoa_checkout_oldest_seconds{${ns}})`, "oldest")],
          { redFrom: 300 },
        ),
        lines(["Work that waits", "Mails, deliveries of events, what a cancellation owes."], "short", [
          line(`max by (service, name) (stoa_tasks_due{${ns}}) > 0`, "{{service}} {{name}}"),
        ]),
        lines(
          ["Work given up", "stoa tasks list shows it."],
          "short",
          [line(`max by (service, name) (stoa_tasks_dead{${ns}}) > 0`, "{{service}} {{name}}")],
          { redFrom: 1 },
        ),
        lines(
          ["Jobs that failed", "Background jobs run again by themselves; one that fails each time does not."],
          "short",
          [
            line(
              `sum by (service, job) (increase(stoa_job_runs_total{${ns}, outcome!="ok"}[15m])) > 0`,
              "{{service}} {{job}}",
            ),
          ],
        ),
      ],
    },
    {
      title: "Ages",
      panels: [
        figure(
          ["Oldest last backup", "Since when a lost disk loses orders."],
          "s",
          `time() - min(stoa_backup_last_success_timestamp_seconds{${ns}} > 0)`,
          { redFrom: 93_600 },
        ),
        figure(
          ["Last drill", "When a backup was last restored for trial."],
          "s",
          `time() - min(stoa_backup_drill_last_success_timestamp_seconds{${ns}} > 0)`,
          { redFrom: 3_024_000 },
        ),
        figure(
          ["Last look at the books", "The audit looks every five minutes."],
          "s",
          `time() - max(stoa_invariants_checked_timestamp_seconds{${ns}})`,
          { redFrom: 1_800 },
        ),
        figure(["Exchange rates", "How old they are."], "s", `max(stoa_rates_age_seconds{${ns}})`, {
          redFrom: 259_200,
        }),
        figure(
          ["Certificate ends in", "The first of all certificates that are shown."],
          "s",
          `min(stoa_tls_certificate_expiry_seconds{${ns}}) - time()`,
          { redBelow: 2_592_000 },
        ),
        figure(
          ["Starts, 1 hour", "Processes that began anew."],
          "short",
          `sum(changes(process_start_time_seconds{${ns}}[1h]) and on (job, instance) stoa_build_info{${ns}})`,
          { redFrom: 5 },
        ),
      ],
    },
  ],
};
