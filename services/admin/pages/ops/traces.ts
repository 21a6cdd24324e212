import { shopPlan } from "#platform/operations/shop-plan.ts";
import type { Answer, Route } from "#platform/web/answer.ts";
import { ListAddress } from "#platform/web/table.ts";
import { readLines, type ShopLine } from "../../ops/lines.ts";
import { opsLinks } from "../../ops/links.ts";
import { readTrace, readTraces } from "../../ops/traces.ts";
import { Refusal } from "../../refusal.ts";
import { linesView, logFormView, logKinds, logLevels, type LogQuery } from "../../views/ops/logs.ts";
import { traceFilterView, tracesListView, traceView } from "../../views/ops/traces.ts";
import type { AdminVisit } from "../../visit.ts";
import { opsAnswer } from "./answer.ts";

export const traceRoutes: readonly Route<AdminVisit>[] = [
  { method: "GET", url: "/ops/traces", page: tracesPage },
  { method: "GET", url: "/ops/traces/:id", page: tracePage },
  { method: "GET", url: "/ops/logs", page: logsPage },
];

async function tracesPage(visit: AdminVisit): Promise<Answer> {
  await visit.requireStaffToLook();
  const { ctx, words } = visit;
  const only = visit.query.get("only");
  const chosen = new URLSearchParams(only === "failed" || only === "slow" ? { only } : {});
  const traces = await readTraces(ctx, {
    isFailed: only === "failed",
    order: only === "slow" ? "slowest" : "newest",
    limit: 50,
  });
  return opsAnswer(visit, {
    room: "traces",
    heading: words.text("ops.traces.heading"),
    still: traceFilterView(words, new ListAddress("/admin/ops/traces", chosen)),
    parts: [{ name: "traces", body: tracesListView(words, traces) }],
  });
}

async function tracePage(visit: AdminVisit): Promise<Answer> {
  await visit.requireStaffToLook();
  const { ctx, words } = visit;
  const traceId = (visit.params["id"] ?? "").toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(traceId)) throw new Refusal(404, "notFound");
  const trace = await readTrace(ctx, traceId);
  const body = traceView(words, { traceId, trace, storeUrl: opsLinks(ctx.config).trace(traceId) });
  const parts = [{ name: "trace", body }];
  return opsAnswer(visit, { room: "traces", heading: words.text("ops.trace.heading"), parts });
}

const linesShown = 200;

async function logsPage(visit: AdminVisit): Promise<Answer> {
  await visit.requireStaffToLook();
  const { ctx, words } = visit;
  const services = (await shopPlan()).services.map(({ name }) => name);
  const query = queryOf(visit, services);
  const { level, kind, service, text, trace } = query;
  const lines = await readLines(ctx, { level, kind, service, text: text || trace, limit: linesShown });
  const shown = lines.filter((line) => belongsTo(line, trace)).reverse();
  return opsAnswer(visit, {
    room: "logs",
    heading: words.text("ops.logs.heading"),
    still: logFormView(words, query, services),
    parts: [{ name: "lines", body: linesView(words, shown) }],
  });
}

/** The id stands on the line as its own, and not in a text that somebody chose. */
function belongsTo({ traceId, requestId }: ShopLine, id: string): boolean {
  return id === "" || traceId === id || requestId === id;
}

function queryOf({ query }: AdminVisit, services: readonly string[]): LogQuery {
  const field = (name: string) => (query.get(name) ?? "").trim().slice(0, 200);
  const oneOf = (name: string, known: readonly string[]) => known.find((one) => one === field(name)) ?? "";
  return {
    level: oneOf("level", logLevels),
    kind: oneOf("kind", logKinds),
    service: oneOf("service", services),
    text: field("text"),
    trace: field("trace"),
  };
}
