import { attribute, html, type Html } from "#platform/web/html.ts";
import type { ShopLine } from "../../ops/lines.ts";
import type { AdminWords } from "../../context.ts";

/** What is looked for; empty means all. */
export interface LogQuery {
  readonly level: string;
  readonly kind: string;
  readonly service: string;
  readonly text: string;
  readonly trace: string;
}

export const logLevels = ["debug", "info", "warn", "error"] as const;
export const logKinds = ["access", "rpc", "event", "audit", "app"] as const;

export function logFormView(words: AdminWords, query: LogQuery, services: readonly string[]): Html {
  const choice = (value: string, chosen: string, text: string) =>
    html`<option value="${value}" ${attribute("selected", value === chosen)}>${text}</option>`;
  return html`<form class="panel filters" action="/admin/ops/logs" method="get">
    <label
      >${words.text("ops.logs.level")}
      <select name="level">
        ${choice("", query.level, words.text("ops.logs.any"))}
        ${logLevels.map((level) => choice(level, query.level, level))}
      </select></label
    >
    <label
      >${words.text("ops.logs.kind")}
      <select name="kind">
        ${choice("", query.kind, words.text("ops.logs.any"))}
        ${logKinds.map((kind) => choice(kind, query.kind, words.text(`ops.kind.${kind}`)))}
      </select></label
    >
    <label
      >${words.text("ops.logs.service")}
      <select name="service">
        ${choice("", query.service, words.text("ops.logs.any"))}
        ${services.map((service) => choice(service, query.service, service))}
      </select></label
    >
    <label
      >${words.text("ops.logs.text")}
      <input name="text" value="${query.text}" maxlength="200" autocomplete="off" />
    </label>
    <label
      >${words.text("ops.logs.id")}
      <input name="trace" value="${query.trace}" maxlength="100" autocomplete="off" />
    </label>
    <button class="small" type="submit">${words.text("ops.logs.show")}</button>
  </form>`;
}

/** Newest first, so that what comes in is seen without scrolling. */
export function linesView(words: AdminWords, lines: readonly ShopLine[]): Html {
  if (lines.length === 0) return html`<p class="empty">${words.text("ops.logs.none")}</p>`;
  return html`<ol class="lines">
    ${lines.map((line) => lineView(words, line))}
  </ol>`;
}

const fieldsMax = 2_000;

function lineView(words: AdminWords, line: ShopLine): Html {
  const { time, level, kind, service, msg, requestId, traceId, fieldsJson } = line;
  const tone = level === "error" || level === "fatal" ? "bad" : level === "warn" ? "warn" : "";
  const rest = fieldsJson === "{}" ? "" : fieldsJson.slice(0, fieldsMax);
  return html`<li class="${tone}">
    <span class="head"
      ><time datetime="${time}">${time.slice(11, 23)}</time> <b>${level}</b> ${service}
      ${kind === "app" || kind === "" ? "" : html`<i>${kind}</i>`} ${idsView(words, traceId, requestId)}</span
    >
    <span class="said">${msg}</span>
    ${rest === "" ? "" : html`<code>${rest}</code>`}
  </li>`;
}

function idsView(words: AdminWords, traceId: string, requestId: string): Html | undefined {
  const id = traceId || requestId;
  if (id === "") return undefined;
  return html`<span class="ids">
    ${
      traceId === ""
        ? ""
        : html`<a href="/admin/ops/traces/${encodeURIComponent(traceId)}">${words.text("ops.logs.trace")}</a>
            ·`
    }
    <a href="/admin/ops/logs?trace=${encodeURIComponent(id)}">${words.text("ops.logs.same")}</a>
  </span>`;
}
