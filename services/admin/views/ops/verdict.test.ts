import assert from "node:assert/strict";
import { test } from "node:test";
import type { ShopReport } from "../../ops/shop-report.ts";
import { loadWords } from "../../context.ts";
import { overviewParts } from "./overview.ts";
import { findingsOf, healthOf, type Known } from "./verdict.ts";
import { linesView } from "./logs.ts";
import { deadView } from "./work.ts";

const words = await loadWords("en-US", []);
const nothing = { perSecond: 0, errorsPerSecond: 0, p95Ms: undefined };
type Service = ShopReport["services"][number];
type Process = ShopReport["processes"][number];

const service = (name: string, changes: Partial<Service> = {}): Service => ({
  ...{ name, isEdge: false, hasDatabase: true, status: "up", lacks: [], answering: 1, silent: 0 },
  ...{ traffic: nothing, entrances: [] },
  ...changes,
});
const report = (changes: Partial<ShopReport> = {}): ShopReport => ({
  atMs: 1_000_000,
  services: [service("gateway"), service("catalog")],
  processes: [],
  edges: [],
  faults: [],
  links: { prometheus: undefined, grafana: undefined, trace: () => undefined },
  ...changes,
});
const known: Known = {
  atMs: 1_000_000,
  tasks: { states: [], dead: [], silent: [] },
  checkouts: { items: [], states: [] },
  invariants: { isKnown: true, checkedAtMs: 990_000, everyMs: 300_000, rules: [] },
  backups: undefined,
};
const told = (vitals: object): Process => ({
  ...{ id: "1", place: "here", state: "answers", silentForMs: 0, restarts: 0, services: ["catalog"] },
  told: {
    ...{ host: "box", pid: 1, version: "1", startedMs: 0 },
    vitals: {
      ...{ cpuShare: 0, rssBytes: 1, heapBytes: 1, heapMaxBytes: 100, loopP99Ms: 1, pools: [], rooms: [] },
      ...vitals,
    },
  },
});

test("a shop in which all answer, whether anybody buys or not, is well", () => {
  const busy = service("catalog", { traffic: { perSecond: 50, errorsPerSecond: 0, p95Ms: 30 } });
  assert.deepEqual(findingsOf(words, report({ services: [busy, service("gateway")] }), known), []);
});

const rule = { id: "stock", sentence: "Stock is never below nothing.", violations: 2 };
const state = { service: "email", name: "send", due: 1, dead: 0, oldestSeconds: 400 };
const fact = { atMs: 999_000, bytes: 1, path: "/x", ok: false };
const database = {
  ...{ service: "order", sizeBytes: 1, connections: 1, connectionsMax: 2, cacheHitRatio: 1, deadlocks: 0 },
  ...{ lastBackup: fact, lastDrill: undefined },
};
const edge = {
  ...{ from: "order", to: "payment", purposes: ["calls"], ...nothing, retriesPerSecond: 0 },
  breaker: "open" as const,
};
const wrong: [
  what: string,
  change: Partial<ShopReport>,
  change: Partial<Known>,
  says: RegExp,
  health: string,
][] = [
  [
    "a service without a process",
    { services: [service("cart", { status: "missing", answering: 0, silent: 1 })] },
    {},
    /^cart does not answer/,
    "bad",
  ],
  [
    "a service that is down",
    { services: [service("cart", { status: "down", lacks: ["No database."] })] },
    {},
    /^cart is down\. No database\./,
    "bad",
  ],
  [
    "one replica of two",
    { services: [service("cart", { silent: 1 })] },
    {},
    /^1 of 2 processes of cart do not answer/,
    "warn",
  ],
  [
    "a service that fails what it is asked",
    { services: [service("cart", { traffic: { perSecond: 10, errorsPerSecond: 3, p95Ms: 5 } })] },
    {},
    /^cart fails 30 %/,
    "bad",
  ],
  [
    "a slow service",
    { services: [service("cart", { traffic: { perSecond: 10, errorsPerSecond: 0, p95Ms: 1_500 } })] },
    {},
    /longer than 1500 ms/,
    "warn",
  ],
  ["a way that is cut", { edges: [edge] }, {}, /from order to payment are held back/, "bad"],
  [
    "a loop that stands still",
    { processes: [told({ loopP99Ms: 400 })] },
    {},
    /stood still for 400 ms/,
    "warn",
  ],
  ["a heap that is full", { processes: [told({ heapBytes: 90 })] }, {}, /memory of catalog/, "warn"],
  [
    "a process that began anew",
    { processes: [{ ...told({}), restarts: 2 }] },
    {},
    /began anew 2 times/,
    "warn",
  ],
  [
    "a pool that is used up",
    { processes: [told({ pools: [{ service: "catalog", used: 1, idle: 0, max: 1, waiting: 3 }] })] },
    {},
    /3 requests wait/,
    "warn",
  ],
  [
    "requests that are refused",
    { processes: [told({ rooms: [{ service: "gateway", underWay: 1, limit: 1, shedPerSecond: 2 }] })] },
    {},
    /gateway refuses requests/,
    "warn",
  ],
  [
    "a broken rule",
    {},
    { invariants: { isKnown: true, checkedAtMs: 990_000, everyMs: 300_000, rules: [rule] } },
    /Stock is never below nothing\. \(2\)/,
    "bad",
  ],
  [
    "rules that nobody looks at",
    {},
    { invariants: { isKnown: true, checkedAtMs: 0, everyMs: 100_000, rules: [] } },
    /Nobody has looked at the books/,
    "warn",
  ],
  [
    "dead work",
    {},
    { tasks: { states: [{ ...state, due: 0, dead: 2 }], dead: [], silent: [] } },
    /2 pieces of work were given up/,
    "warn",
  ],
  ["late work", {}, { tasks: { states: [state], dead: [], silent: [] } }, /waiting for 7 minutes/, "warn"],
  [
    "a checkout that hangs",
    {},
    { checkouts: { items: [], states: [{ status: "running", count: 1, oldestSeconds: 900 }] } },
    /under way for 15 minutes/,
    "warn",
  ],
  [
    "a backup that failed",
    {},
    { backups: { databases: [database], silent: [], oldestBackupMs: 1, oldestDrillMs: undefined } },
    /rehearsal failed: order/,
    "warn",
  ],
];
for (const [what, change, more, says, health] of wrong)
  test(`${what} is said, in words, and leads to where more is told`, () => {
    const found = findingsOf(words, report(change), { ...known, ...more });
    assert.equal(found.length, 1, JSON.stringify(found));
    assert.match(found[0]?.text ?? "", says);
    assert.equal(found[0]?.health, health);
    assert.match(found[0]?.url ?? "", /^\/admin\/ops\/\w+/);
  });

test("a buyer who takes their time is no checkout that hangs, and a refusal now and then no failure", () => {
  const checkouts = { items: [], states: [{ status: "waiting", count: 1, oldestSeconds: 3_000 }] };
  assert.deepEqual(findingsOf(words, report(), { ...known, checkouts }), []);
  assert.equal(healthOf({ perSecond: 100, errorsPerSecond: 0.2, p95Ms: 5 }), "good");
});

test("the worst comes first, and injected faults stand above everything", () => {
  const shop = report({
    services: [service("ad", { silent: 1 }), service("cart", { status: "missing" })],
    faults: ["Half of all GetProduct calls fail."],
  });
  const findings = findingsOf(words, shop, known);
  assert.deepEqual(
    findings.map(({ health }) => health),
    ["bad", "warn"],
  );
  const parts = overviewParts(words, {
    ...{ report: shop, findings, days: undefined, tasks: known.tasks, checkouts: undefined },
    ...{ invariants: { isKnown: false }, backups: undefined, failed: [], slowest: [] },
  });
  assert.match(parts[0]?.body.text ?? "", /A fault is injected on purpose.*\n*.*Half of all GetProduct/s);
  assert.match(parts[1]?.body.text ?? "", /2 things need a look/);
});

test("log lines and tasks from outside never become markup, attributes or addresses", () => {
  const evil = `"><script>alert(1)</script><a href="javascript:x">`;
  const line = {
    ...{ id: evil, time: evil, level: evil, kind: evil, service: evil, msg: evil, process: evil },
    ...{ requestId: evil, traceId: evil, fieldsJson: JSON.stringify({ evil }) },
  };
  const dead = { service: evil, name: evil, key: evil, attempts: 1, createdAtMs: 0, lastError: evil };
  const shown = linesView(words, [line]).text + deadView(words, { dead: [dead] }, 1_000).text;
  assert.doesNotMatch(shown, /<script|href="javascript/);
});
