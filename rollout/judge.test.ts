import { match, ok, strictEqual } from "node:assert";
import { describe, test } from "node:test";
import { between, p95Of, readFigures, slowerThan, sum, type Figures } from "./figures.ts";
import { chanceOf, judge } from "./judge.ts";

const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, Number.POSITIVE_INFINITY];

/** So many answers, all of them within the same number of seconds. */
function answers(requests: number, errors: number, seconds: number): Figures {
  return {
    requests,
    errors,
    buckets: bounds.map((bound) => ({ bound, count: seconds <= bound ? requests : 0 })),
  };
}

describe("a new version", () => {
  const old = answers(900, 2, 0.008);
  const cases: readonly (readonly [string, Figures, Figures, "good" | "bad" | "undecided"])[] = [
    ["that answers like the old one is good", answers(100, 0, 0.008), old, "good"],
    ["that fails a fifth of the time is bad", answers(100, 20, 0.008), old, "bad"],
    ["that fails a fifth of the time is bad after a few requests", answers(15, 4, 0.008), old, "bad"],
    ["that failed once is not bad for it", answers(100, 1, 0.008), old, "good"],
    ["that is five times slower is bad", answers(100, 0, 0.04), old, "bad"],
    [
      "that is five times slower is bad where all is slow",
      answers(100, 0, 0.4),
      answers(900, 0, 0.08),
      "bad",
    ],
    ["that is a little slower is good", answers(100, 0, 0.012), old, "good"],
    ["that nobody asked is undecided", answers(0, 0, 0), old, "undecided"],
    ["that few asked is undecided", answers(20, 0, 0.008), old, "undecided"],
    [
      "that fails where the old one fails as much is undecided",
      answers(200, 40, 0.008),
      answers(900, 180, 0.008),
      "undecided",
    ],
    ["without an old one is judged by its errors alone", answers(100, 20, 0.4), answers(0, 0, 0), "bad"],
    ["without an old one may be as slow as it is", answers(100, 0, 0.4), answers(0, 0, 0), "good"],
  ];
  for (const [name, fresh, before, kind] of cases)
    test(name, () => {
      const verdict = judge(fresh, before);
      strictEqual(verdict.kind, kind, verdict.sentence);
      match(verdict.sentence, /\.$/);
    });
});

test("chance is told from fault as the binomial distribution says", () => {
  ok(Math.abs(chanceOf(1, 10, 0.05) - (1 - 0.95 ** 10)) < 1e-9);
  strictEqual(chanceOf(0, 10, 0.05), 1);
  ok(chanceOf(20, 100, 0.01) < 1e-12);
  ok(chanceOf(6, 100, 0.05) > 0.3);
  ok(chanceOf(2_000, 20_000, 0.05) < 1e-9);
});

describe("figures of a process", () => {
  const text = [
    "# HELP http_server_request_duration_seconds Time an HTTP request took.",
    'http_server_request_duration_seconds_bucket{le="0.005",service="gateway",http_request_method="GET",http_route="/api/products",http_response_status_code="200"} 90',
    'http_server_request_duration_seconds_bucket{le="+Inf",service="gateway",http_request_method="GET",http_route="/api/products",http_response_status_code="200"} 100',
    'http_server_request_duration_seconds_count{service="gateway",http_request_method="GET",http_route="/api/products",http_response_status_code="200"} 100',
    'http_server_request_duration_seconds_bucket{le="0.005",service="gateway",http_request_method="GET",http_route="/api/orders/{id}",http_response_status_code="503"} 0',
    'http_server_request_duration_seconds_bucket{le="+Inf",service="gateway",http_request_method="GET",http_route="/api/orders/{id}",http_response_status_code="503"} 7',
    'http_server_request_duration_seconds_count{service="gateway",http_request_method="GET",http_route="/api/orders/{id}",http_response_status_code="503"} 7',
    'http_server_request_duration_seconds_count{service="gateway",http_request_method="GET",http_route="/ready",http_response_status_code="503"} 50',
    'rpc_server_call_duration_seconds_bucket{le="0.005",service="cart",rpc_method="stoa.cart.v1.CartService/GetCart",rpc_response_status_code="OK"} 10',
    'rpc_server_call_duration_seconds_bucket{le="+Inf",service="cart",rpc_method="stoa.cart.v1.CartService/GetCart",rpc_response_status_code="OK"} 10',
    'rpc_server_call_duration_seconds_count{service="cart",rpc_method="stoa.cart.v1.CartService/GetCart",rpc_response_status_code="OK"} 10',
    'rpc_server_call_duration_seconds_count{service="cart",rpc_method="stoa.cart.v1.CartService/GetCart",rpc_response_status_code="INTERNAL"} 2',
    'rpc_server_call_duration_seconds_count{service="cart",rpc_method="stoa.cart.v1.CartService/GetCart",rpc_response_status_code="NOT_FOUND"} 3',
  ].join("\n");
  const figures = readFigures(text);

  test("count answers over HTTP and gRPC, but none that probes ask for", () => {
    strictEqual(figures.requests, 100 + 7 + 10 + 2 + 3);
  });

  test("count what is our fault, and not what the caller asked for", () => {
    strictEqual(figures.errors, 7 + 2);
  });

  test("are the same of a version that names them as 0.1.0 did", () => {
    const old = [
      'stoa_http_request_seconds_count{service="gateway",route="/api/orders/{id}",method="GET",status="503"} 7',
      'stoa_http_request_seconds_count{service="gateway",route="/ready",method="GET",status="503"} 50',
      'stoa_rpc_server_seconds_count{service="cart",method="GetCart",code="internal"} 2',
      'stoa_rpc_server_seconds_count{service="cart",method="GetCart",code="not_found"} 3',
    ].join("\n");
    strictEqual(readFigures(old).requests, 7 + 2 + 3);
    strictEqual(readFigures(old).errors, 7 + 2);
  });

  test("tell how slow the slowest twentieth is, as between two bounds", () => {
    const few: Figures = {
      requests: 100,
      errors: 0,
      buckets: [
        { bound: 0.125, count: 90 },
        { bound: 0.25, count: 100 },
      ],
    };
    strictEqual(p95Of(few), 0.1875);
    strictEqual(slowerThan(few, 0.1875), 5);
    strictEqual(p95Of({ requests: 0, errors: 0, buckets: [] }), undefined);
  });

  test("between two readings count a process that began anew from its new beginning", () => {
    const before = new Map([
      ["a/0", answers(100, 5, 0.01)],
      ["gone/0", answers(50, 0, 0.01)],
    ]);
    const after = new Map([
      ["a/0", answers(30, 1, 0.01)],
      ["b/0", answers(10, 0, 0.01)],
    ]);
    const all = between(before, after);
    strictEqual(all.requests, 40);
    strictEqual(all.errors, 1);
    strictEqual(sum([all, all]).requests, 80);
  });
});
