// The report of the shop as a graph and, for narrow screens and readers, as a list.
import { html, type Html } from "#platform/web/html.ts";
import type { ShopEdge, ShopReport, ShopService } from "../../ops/shop-report.ts";
import type { AdminWords } from "../../context.ts";
import { callGraphView, worstOf, type GraphEdge, type Health } from "./call-graph.ts";
import { msText, rateText, shareText } from "./figures.ts";
import { healthOf } from "./verdict.ts";

export function serviceHealth({ status, silent, traffic }: ShopService): Health {
  if (status === "down" || status === "missing") return "bad";
  if (status === "degraded" || silent > 0) return worstOf(["warn", healthOf(traffic)]);
  const flow = healthOf(traffic);
  return flow === "calm" ? "good" : flow;
}

export function edgeHealth(edge: ShopEdge): Health {
  if (edge.breaker === "open") return "bad";
  if (edge.breaker === "half-open") return worstOf(["warn", healthOf(edge)]);
  return healthOf(edge);
}

export function shopGraphView(words: AdminWords, report: ShopReport): Html {
  return html`<div class="graph">
      ${callGraphView({
        id: "call-graph",
        title: words.text("ops.graph.title"),
        nodes: report.services.map((service) => ({
          name: service.name,
          health: serviceHealth(service),
          note: noteOf(words, service),
          url: `/admin/ops/services#${service.name}`,
        })),
        edges: drawnEdges(words, report),
      })}
    </div>
    <ul class="service-list">
      ${report.services.map(
        (service) =>
          html`<li>
            <a href="/admin/ops/services#${service.name}"
              ><span class="dot ${serviceHealth(service)}"></span>${service.name}</a
            >
            <span>${noteOf(words, service)}</span>
          </li>`,
      )}
    </ul>
    <p class="muted small">${words.text("ops.graph.how")}</p>`;
}

/** State in words where it is not well, else what goes through it. */
export function noteOf(words: AdminWords, { status, traffic }: ShopService): string {
  if (status !== "up" && status !== "degraded") return words.text(`ops.status.${status}`);
  if (traffic.perSecond <= 0) return words.text(`ops.status.${status}`);
  const flow = `${rateText(words, traffic.perSecond)} · ${msText(words, traffic.p95Ms)}`;
  const share = traffic.errorsPerSecond / traffic.perSecond;
  return share > 0 ? `${flow} · ${shareText(words, share)}` : flow;
}

/** Everybody asks for keys, which would hide everything else: drawn only where it is not well. */
function drawnEdges(words: AdminWords, { edges }: ShopReport): GraphEdge[] {
  return edges.flatMap((edge): GraphEdge[] => {
    const health = edgeHealth(edge);
    const isAsked = edge.purposes.some((purpose) => purpose === "calls" || purpose === "pages");
    const isTold = !isAsked && edge.purposes.includes("events");
    if (!isAsked && !isTold && health !== "bad") return [];
    return [
      {
        from: edge.from,
        to: edge.to,
        health: health === "good" ? "calm" : health,
        isTold: !isAsked,
        perSecond: edge.perSecond,
        title: words.text("ops.graph.way", {
          from: edge.from,
          to: edge.to,
          rate: rateText(words, edge.perSecond),
          errors: rateText(words, edge.errorsPerSecond),
          p95: msText(words, edge.p95Ms),
        }),
        label: labelOf(words, edge, health),
      },
    ];
  });
}

/** What is wrong with a way, as short as it can be said. */
function labelOf(words: AdminWords, { breaker, ...flow }: ShopEdge, health: Health): string {
  if (breaker === "open") return words.text("ops.graph.cut");
  if (health !== "bad" && health !== "warn") return "";
  const share = flow.errorsPerSecond / Math.max(flow.perSecond, 0.001);
  return share >= 0.005 ? shareText(words, share) : msText(words, flow.p95Ms);
}
