import { figure, line, lines, namespaceChoice, type Dashboard } from "./dashboard.ts";

const ns = 'namespace=~"$namespace"';
const day = (metric: string) => `sum(increase(${metric}{${ns}}[1d]))`;
const hour = (metric: string, by: string, more = "") =>
  `sum by (${by}) (increase(${metric}{${ns}${more}}[1h]))`;
const conversion = (offset: string) =>
  `sum(increase(stoa_orders_total{${ns}}[1h]${offset})) / (sum(increase(stoa_checkouts_started_total{${ns}}[1h]${offset})) > 0)`;

/** What the shop earns and what it loses. */
export const business: Dashboard = {
  uid: "stoa-business",
  title: "Stoa / Business",
  says: "Orders, money and what keeps people from buying, today against a week ago.",
  choices: [namespaceChoice],
  rows: [
    {
      title: "The last 24 hours",
      panels: [
        figure(["Orders", "Placed and acknowledged."], "short", day("stoa_orders_total")),
        figure(
          ["Refunds", "Granted, of one order there may be several."],
          "short",
          day("stoa_refunds_total"),
        ),
        figure(["Cancelled", "Orders that somebody took back."], "short", day("stoa_orders_cancelled_total")),
        figure(
          ["Declined payments", "By banks and by the provider."],
          "short",
          day("stoa_payments_declined_total"),
        ),
        figure(
          ["Conversion", "Orders for each checkout that was begun."],
          "percentunit",
          `${day("stoa_orders_total")} / (${day("stoa_checkouts_started_total")} > 0)`,
        ),
        figure(
          ["Carts abandoned", "Part of the carts begun that expired with something in them."],
          "percentunit",
          `${day("stoa_carts_abandoned_total")} / (${day("stoa_carts_started_total")} > 0)`,
        ),
      ],
    },
    {
      title: "Sales",
      panels: [
        lines(["Orders an hour", "Against the same hour a week ago."], "short", [
          line(hour("stoa_orders_total", "currency"), "{{currency}}"),
          line(`sum(increase(stoa_orders_total{${ns}}[1h] offset 7d))`, "a week ago"),
        ]),
        lines(
          ["Revenue an hour", "What was paid, in each currency; refunds are not taken off."],
          "currency",
          [line(hour("stoa_revenue_total", "currency"), "{{currency}}")],
        ),
        lines(["Refunded an hour", "In each currency."], "currency", [
          line(hour("stoa_refunded_total", "currency"), "{{currency}}"),
        ]),
        lines(["Revenue after refunds, 24 hours", ""], "currency", [
          line(
            `sum by (currency) (increase(stoa_revenue_total{${ns}}[1d])) - (sum by (currency) (increase(stoa_refunded_total{${ns}}[1d])) or sum by (currency) (increase(stoa_revenue_total{${ns}}[1d])) * 0)`,
            "{{currency}}",
          ),
        ]),
        lines(["Average order", "Revenue for each order of the last 24 hours."], "currency", [
          line(
            `sum by (currency) (increase(stoa_revenue_total{${ns}}[1d])) / (sum by (currency) (increase(stoa_orders_total{${ns}}[1d])) > 0)`,
            "{{currency}}",
          ),
        ]),
        lines(["Shipped an hour", "Orders that were handed to a carrier."], "short", [
          line(`sum(increase(stoa_orders_shipped_total{${ns}}[1h]))`, "shipped"),
        ]),
      ],
    },
    {
      title: "What keeps people from buying",
      panels: [
        lines(["Conversion", "Orders for each checkout begun, against a week ago."], "percentunit", [
          line(conversion(""), "now"),
          line(conversion(" offset 7d"), "a week ago"),
        ]),
        lines(["Orders refused an hour, by reason", "The reasons of docs/reference/errors.md."], "short", [
          line(hour("stoa_orders_refused_total", "reason"), "{{reason}}"),
        ]),
        lines(["Payments declined an hour, by reason", ""], "short", [
          line(hour("stoa_payments_declined_total", "reason"), "{{reason}}"),
        ]),
        lines(["Orders cancelled an hour, by reason", ""], "short", [
          line(hour("stoa_orders_cancelled_total", "reason"), "{{reason}}"),
        ]),
        lines(["Sold out", "How often somebody wanted what was not there."], "short", [
          line(`sum(increase(stoa_stock_outs_total{${ns}}[1h]))`, "an hour"),
        ]),
        lines(
          ["Searches that found nothing", "Part of the searches; look at the words in the log."],
          "percentunit",
          [
            line(
              `sum(increase(stoa_searches_total{${ns}, outcome="empty"}[1h])) / (sum(increase(stoa_searches_total{${ns}}[1h])) > 0)`,
              "found nothing",
            ),
          ],
        ),
        lines(["Carts an hour", "Begun, and swept away with something in them."], "short", [
          line(`sum(increase(stoa_carts_started_total{${ns}}[1h]))`, "begun"),
          line(`sum(increase(stoa_carts_abandoned_total{${ns}}[1h]))`, "abandoned"),
        ]),
      ],
    },
    {
      title: "People",
      panels: [
        lines(["Sign-ups an hour", ""], "short", [
          line(`sum(increase(stoa_signups_total{${ns}}[1h]))`, "new"),
        ]),
        lines(["Sign-ins an hour", "Many refused ones are guesses at passwords."], "short", [
          line(hour("stoa_logins_total", "outcome"), "{{outcome}}"),
        ]),
        lines(["Mails an hour", "Sent, to be tried again, given up."], "short", [
          line(hour("stoa_mails_total", "outcome"), "{{outcome}}"),
        ]),
        lines(["What the staff does an hour", "By action; /admin/activity says who and why."], "short", [
          line(hour("stoa_activity_total", "action"), "{{action}}"),
        ]),
      ],
    },
  ],
};
