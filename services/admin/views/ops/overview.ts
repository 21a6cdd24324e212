import { html, type Html } from "#platform/web/html.ts";
import type { ShopReport } from "../../ops/shop-report.ts";
import type { ShopBackups, ShopInvariants } from "../../ops/books.ts";
import type { ListedTrace } from "../../ops/traces.ts";
import type { CheckoutsUnderWay, ShopTasks } from "../../ops/work.ts";
import type { TwoDays } from "../../trading-figures.ts";
import type { AdminWords } from "../../context.ts";
import { businessTile, businessView } from "./business.ts";
import { worstOf } from "./call-graph.ts";
import { ageText, bytesText, msText, rateText, shareText } from "./figures.ts";
import { opsRoomUrl, type OpsPart } from "./frame.ts";
import { serviceHealth, shopGraphView } from "./shop-graph.ts";
import { tilesView, type Tile } from "./tiles.ts";
import { tracesListView } from "./traces.ts";
import { healthOf, type Finding } from "./verdict.ts";

/** What the overview knows; undefined is what could not be asked. */
export interface Overview {
  readonly report: ShopReport;
  readonly findings: readonly Finding[];
  readonly days: TwoDays | undefined;
  readonly tasks: ShopTasks | undefined;
  readonly checkouts: CheckoutsUnderWay | undefined;
  readonly invariants: ShopInvariants;
  readonly backups: ShopBackups | undefined;
  readonly failed: readonly ListedTrace[];
  readonly slowest: readonly ListedTrace[];
}

export function overviewParts(words: AdminWords, overview: Overview): OpsPart[] {
  const { report, findings, days, failed, slowest } = overview;
  return [
    { name: "faults", body: faultsView(words, report) },
    { name: "verdict", body: verdictView(words, findings) },
    { name: "tiles", body: tilesView(tilesOf(words, overview)) },
    {
      name: "graph",
      body: html`<h2>${words.text("ops.graph.heading")}</h2>
        ${shopGraphView(words, report)}`,
    },
    {
      name: "business",
      body: html`<h2 id="business">${words.text("ops.business.heading")}</h2>
        ${businessView(words, days)}`,
    },
    {
      name: "traces",
      body: html`<h2>${words.text("ops.traces.failed")}</h2>
        ${tracesListView(words, failed)}
        <h2>${words.text("ops.traces.slowest")}</h2>
        ${tracesListView(words, slowest)}`,
    },
    { name: "links", body: linksView(words, report) },
  ];
}

/** Faults that are injected on purpose must not be taken for real ones, nor forgotten. */
export function faultsView(words: AdminWords, { faults }: ShopReport): Html {
  if (faults.length === 0) return html``;
  return html`<div class="alert faults">
    <p>${words.text("ops.faults", { count: faults.length })}</p>
    <ul>
      ${faults.map((fault) => html`<li>${fault}</li>`)}
    </ul>
  </div>`;
}

function verdictView(words: AdminWords, findings: readonly Finding[]): Html {
  const tone = worstOf(findings.map(({ health }) => health));
  return html`<div class="verdict ${tone}" role="status">
    <p>${words.text("ops.verdict", { count: findings.length })}</p>
    ${
      findings.length === 0
        ? ""
        : html`<ul>
            ${findings
              .slice(0, 12)
              .map(({ health, text, url }) => html`<li class="${health}"><a href="${url}">${text}</a></li>`)}
          </ul>`
    }
  </div>`;
}

function tilesOf(words: AdminWords, overview: Overview): Tile[] {
  const { report, days, tasks, checkouts } = overview;
  return [
    businessTile(words, days),
    requestsTile(words, report),
    servicesTile(words, report),
    checkoutsTile(words, checkouts),
    workTile(words, tasks),
    booksTile(words, overview),
    saturationTile(words, report),
  ];
}

function requestsTile(words: AdminWords, { services }: ShopReport): Tile {
  const edge = services.find(({ name }) => name === "gateway") ?? services[0];
  const traffic = edge?.traffic ?? { perSecond: 0, errorsPerSecond: 0, p95Ms: undefined };
  const share = traffic.perSecond > 0 ? traffic.errorsPerSecond / traffic.perSecond : 0;
  return {
    heading: words.text("ops.tile.requests"),
    url: `/admin/ops/services#${edge?.name ?? ""}`,
    health: healthOf(traffic),
    figure: rateText(words, traffic.perSecond),
    lines: [
      words.text("ops.tile.p95", { ms: msText(words, traffic.p95Ms) }),
      words.text("ops.tile.errors", { share: shareText(words, share) }),
    ],
  };
}

function servicesTile(words: AdminWords, { services, processes }: ShopReport): Tile {
  const healths = services.map(serviceHealth);
  const well = healths.filter((health) => health === "good").length;
  const answering = processes.filter(({ state }) => state === "answers").length;
  return {
    heading: words.text("ops.tile.services"),
    url: opsRoomUrl("services"),
    health: worstOf(healths),
    figure: words.text("ops.of", { some: well, all: services.length }),
    lines: [words.text("ops.tile.processes", { answering, all: processes.length })],
  };
}

function checkoutsTile(words: AdminWords, checkouts: CheckoutsUnderWay | undefined): Tile {
  const states = checkouts?.states ?? [];
  const open = states.filter(({ count }) => count > 0);
  return {
    heading: words.text("ops.tile.checkouts"),
    url: opsRoomUrl("checkouts"),
    health: checkouts ? "good" : "calm",
    figure: checkouts ? words.number(open.reduce((sum, { count }) => sum + count, 0)) : "–",
    lines: open.map(({ status, count, oldestSeconds }) =>
      words.text("ops.tile.checkout", {
        status: words.find(`ops.checkout.${status}`) ?? status,
        count,
        age: ageText(words, oldestSeconds),
      }),
    ),
  };
}

function workTile(words: AdminWords, tasks: ShopTasks | undefined): Tile {
  const states = tasks?.states ?? [];
  const dead = states.reduce((sum, state) => sum + state.dead, 0);
  const oldest = Math.max(0, ...states.map(({ oldestSeconds }) => oldestSeconds));
  return {
    heading: words.text("ops.tile.work"),
    url: opsRoomUrl("work"),
    health: tasks ? (dead > 0 ? "warn" : "good") : "calm",
    figure: tasks ? words.number(states.reduce((sum, { due }) => sum + due, 0)) : "–",
    lines: tasks
      ? [
          words.text("ops.tile.dead", { count: dead }),
          ...(oldest > 0 ? [words.text("ops.tile.oldest", { age: ageText(words, oldest) })] : []),
        ]
      : [words.text("ops.unknown")],
  };
}

function booksTile(words: AdminWords, { report, invariants, backups }: Overview): Tile {
  const broken = invariants.isKnown
    ? invariants.rules.filter(({ violations }) => violations > 0).length
    : undefined;
  const ageOf = (atMs: number) => ageText(words, (report.atMs - atMs) / 1_000);
  return {
    heading: words.text("ops.tile.books"),
    url: opsRoomUrl("books"),
    health: broken === undefined ? "calm" : broken > 0 ? "bad" : "good",
    figure: broken === undefined ? "–" : words.text("ops.tile.sound", { count: broken }),
    lines: [
      invariants.isKnown
        ? words.text("ops.tile.checked", {
            count: invariants.rules.length,
            age: ageOf(invariants.checkedAtMs),
          })
        : words.text("ops.tile.unchecked"),
      backups?.oldestBackupMs === undefined
        ? words.text("ops.tile.noBackup")
        : words.text("ops.tile.backup", { age: ageOf(backups.oldestBackupMs) }),
    ],
  };
}

function saturationTile(words: AdminWords, { processes }: ShopReport): Tile {
  const told = processes.flatMap(({ told: one, state }) => (one && state === "answers" ? [one.vitals] : []));
  const most = (figure: (vitals: (typeof told)[number]) => number) => Math.max(0, ...told.map(figure));
  const heap = most(({ heapBytes, heapMaxBytes }) => (heapMaxBytes > 0 ? heapBytes / heapMaxBytes : 0));
  const loop = most(({ loopP99Ms }) => loopP99Ms);
  const waiting = most(({ pools }) => pools.reduce((sum, pool) => sum + pool.waiting, 0));
  return {
    heading: words.text("ops.tile.saturation"),
    url: "/admin/ops/services#processes",
    health: heap > 0.85 || loop > 250 || waiting > 0 ? "warn" : "good",
    figure: shareText(
      words,
      most(({ cpuShare }) => cpuShare),
    ),
    lines: [
      words.text("ops.tile.loop", { ms: msText(words, loop) }),
      words.text("ops.tile.heap", { share: shareText(words, heap) }),
      words.text("ops.tile.memory", {
        size: bytesText(
          words,
          told.reduce((sum, { rssBytes }) => sum + rssBytes, 0),
        ),
      }),
      words.text("ops.tile.waiting", { count: waiting }),
    ],
  };
}

function linksView(words: AdminWords, { links }: ShopReport): Html {
  const outside = [
    { url: links.grafana, text: words.text("ops.link.grafana") },
    { url: links.prometheus, text: words.text("ops.link.prometheus") },
  ].filter(({ url }) => url !== undefined);
  if (outside.length === 0) return html``;
  return html`<p class="actions">
    ${outside.map(({ url, text }) => html`<a class="button quiet" href="${url}" rel="noreferrer">${text}</a>`)}
  </p>`;
}
