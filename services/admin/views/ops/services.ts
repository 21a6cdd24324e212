import { html, type Html } from "#platform/web/html.ts";
import { ListAddress, tableView, type Column } from "#platform/web/table.ts";
import type { ShopEdge, ShopEntrance, ShopProcess, ShopReport, ShopService } from "../../ops/shop-report.ts";
import type { AdminWords } from "../../context.ts";
import { ageText, bytesText, msText, rateText, shareText } from "./figures.ts";
import type { OpsPart } from "./frame.ts";
import { faultsView } from "./overview.ts";
import { edgeHealth, serviceHealth, shopGraphView } from "./shop-graph.ts";

const entrancesMax = 12;

export function servicesParts(words: AdminWords, report: ShopReport): OpsPart[] {
  return [
    { name: "faults", body: faultsView(words, report) },
    { name: "graph", body: shopGraphView(words, report) },
    {
      name: "services",
      body: html`<h2>${words.text("ops.services.each")}</h2>
        <div class="services">${report.services.map((service) => serviceView(words, service))}</div>`,
    },
    {
      name: "ways",
      body: html`<h2 id="ways">${words.text("ops.services.ways")}</h2>
        ${waysView(words, report.edges.filter(isUsed))}
        <details id="quiet-ways">
          <summary>
            ${words.text("ops.services.quiet", { count: report.edges.filter((edge) => !isUsed(edge)).length })}
          </summary>
          ${waysView(
            words,
            report.edges.filter((edge) => !isUsed(edge)),
          )}
        </details>`,
    },
    {
      name: "processes",
      body: html`<h2 id="processes">${words.text("ops.services.processes")}</h2>
        ${processesView(words, report)}`,
    },
  ];
}

function isUsed(edge: ShopEdge): boolean {
  return edge.perSecond > 0 || edge.breaker !== "closed";
}

const nowhere = new ListAddress("/admin/ops/services", new URLSearchParams());

type FlowColumn = Column<Pick<ShopEntrance, "perSecond" | "errorsPerSecond" | "p95Ms">>;

function flowColumns(words: AdminWords): FlowColumn[] {
  return [
    {
      heading: words.text("ops.flow.rate"),
      isFigure: true,
      cell: ({ perSecond }) => rateText(words, perSecond),
    },
    {
      heading: words.text("ops.flow.errors"),
      isFigure: true,
      cell: ({ errorsPerSecond }) => rateText(words, errorsPerSecond),
    },
    { heading: words.text("ops.flow.p95"), isFigure: true, cell: ({ p95Ms }) => msText(words, p95Ms) },
  ];
}

function serviceView(words: AdminWords, service: ShopService): Html {
  const { name, status, lacks, answering, silent, traffic, entrances } = service;
  return html`<section class="panel service ${serviceHealth(service)}" aria-labelledby="${name}">
    <h3 id="${name}"><span class="dot ${serviceHealth(service)}"></span>${name}</h3>
    <p>
      <b>${words.text(`ops.status.${status}`)}</b> ·
      ${words.text("ops.tile.processes", { answering, all: answering + silent })} ·
      ${rateText(words, traffic.perSecond)} · ${msText(words, traffic.p95Ms)}
    </p>
    ${lacks.map((lack) => html`<p class="small">${lack}</p>`)}
    ${
      entrances.length === 0
        ? ""
        : html`<details id="entrances-${name}">
            <summary>${words.text("ops.services.entrances", { count: entrances.length })}</summary>
            ${tableView<ShopEntrance>({
              caption: words.text("ops.services.entrances", { count: entrances.length }),
              address: nowhere,
              rows: entrances.slice(0, entrancesMax),
              columns: [
                { heading: words.text("ops.flow.entrance"), cell: ({ name: way }) => way },
                ...flowColumns(words),
              ],
            })}
          </details>`
    }
  </section>`;
}

function waysView(words: AdminWords, edges: readonly ShopEdge[]): Html {
  return tableView<ShopEdge>({
    caption: words.text("ops.services.ways"),
    address: nowhere,
    rows: edges,
    columns: [
      {
        heading: words.text("ops.flow.way"),
        cell: (edge) =>
          html`<span
            ><span class="dot ${edgeHealth(edge)}"></span
            >${words.text("ops.flow.fromTo", { from: edge.from, to: edge.to })}</span
          >`,
      },
      ...flowColumns(words),
      {
        heading: words.text("ops.flow.retries"),
        isFigure: true,
        cell: ({ retriesPerSecond }) => rateText(words, retriesPerSecond),
      },
      {
        heading: words.text("ops.flow.breaker"),
        isFigure: true,
        cell: ({ breaker }) =>
          breaker === "closed"
            ? words.text("ops.breaker.closed")
            : html`<span class="status bad">${words.text(`ops.breaker.${breaker}`)}</span>`,
      },
    ],
  });
}

function processesView(words: AdminWords, { atMs, processes }: ShopReport): Html {
  return tableView<ShopProcess>({
    caption: words.text("ops.services.processes"),
    address: nowhere,
    rows: processes,
    columns: [
      {
        heading: words.text("ops.process.what"),
        cell: ({ services, place, state }) =>
          html`<span
            ><span class="dot ${state === "answers" ? "good" : "bad"}"></span>${
              services.length > 4
                ? words.text("ops.process.services", { count: services.length })
                : services.join(", ")
            }<br /><small class="muted">${place}</small></span
          >`,
      },
      {
        heading: words.text("ops.process.state"),
        cell: ({ state, silentForMs }) =>
          state === "answers"
            ? words.text("ops.process.answers")
            : html`<span class="status bad"
                >${words.text("ops.process.silent", { age: ageText(words, silentForMs / 1_000) })}</span
              >`,
      },
      {
        heading: words.text("ops.process.up"),
        isFigure: true,
        cell: ({ told }) => (told ? ageText(words, (atMs - told.startedMs) / 1_000) : "–"),
      },
      {
        heading: words.text("ops.process.cpu"),
        isFigure: true,
        cell: ({ told }) => (told ? shareText(words, told.vitals.cpuShare) : "–"),
      },
      {
        heading: words.text("ops.process.memory"),
        isFigure: true,
        cell: ({ told }) => bytesText(words, told?.vitals.rssBytes),
      },
      {
        heading: words.text("ops.process.loop"),
        isFigure: true,
        cell: ({ told }) => msText(words, told?.vitals.loopP99Ms),
      },
      {
        heading: words.text("ops.process.pool"),
        isFigure: true,
        cell: ({ told }) => poolsText(words, told?.vitals.pools ?? []),
      },
      { heading: words.text("ops.process.version"), cell: ({ told }) => told?.version ?? "–" },
    ],
  });
}

/** Connections in use, of all that its pools may open. */
function poolsText(words: AdminWords, pools: readonly { used: number; max: number }[]): string {
  if (pools.length === 0) return "–";
  const some = pools.reduce((sum, { used }) => sum + used, 0);
  const all = pools.reduce((sum, { max }) => sum + max, 0);
  return words.text("ops.of", { some, all });
}
