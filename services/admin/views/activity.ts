import { attribute, html, type Html } from "#platform/web/html.ts";
import { pagesView, tableView, type ListAddress } from "#platform/web/table.ts";
import type { AdminWords } from "../context.ts";
import type { ShopActivity } from "../ops/activity.ts";

export interface ActivityParts {
  readonly address: ListAddress;
  readonly activity: ShopActivity;
}

type Entry = ShopActivity["entries"][number];

export function activityView(words: AdminWords, { address, activity }: ActivityParts): Html {
  const { entries, silent, nextCursor } = activity;
  return html`<h1>${words.text("activity.heading")}</h1>
    <p class="muted">${words.text("activity.intro")}</p>
    ${silent.length > 0 ? html`<p class="alert" role="alert">${words.text("activity.silent", { services: words.list(silent) })}</p>` : ""}
    ${filterView(words, address, activity.services)}
    ${entries.length === 0 ? html`<p class="empty">${words.text("activity.none")}</p>` : tableOf(words, address, entries)}
    ${pagesView(address, nextCursor ?? null, {
      label: words.text("pages.label"),
      first: words.text("pages.first"),
      next: words.text("activity.older"),
    })}
    ${chainsView(words, activity)}`;
}

function filterView(words: AdminWords, address: ListAddress, services: readonly string[]): Html {
  const field = (name: string, label: string, hint: string) =>
    html`<label
      >${label}
      <input name="${name}" value="${address.get(name) ?? ""}" placeholder="${hint}" maxlength="200" />
    </label>`;
  const day = (name: string, label: string) =>
    html`<label
      >${label}
      <input type="date" name="${name}" value="${address.get(name) ?? ""}" />
    </label>`;
  return html`<form class="activity-filter" action="${address.path}" method="get" role="search">
    ${field("text", words.text("activity.text"), words.text("activity.textHint"))}
    ${field("actor", words.text("activity.actor"), "admin")}
    ${field("action", words.text("activity.action"), "order.refund")}
    ${field("subject", words.text("activity.subject"), "order")} ${day("from", words.text("activity.from"))}
    ${day("until", words.text("activity.until"))}
    <label
      >${words.text("activity.service")}
      <select name="service">
        <option value="">${words.text("activity.any")}</option>
        ${services.map(
          (name) =>
            html`<option value="${name}" ${attribute("selected", address.get("service") === name)}>
              ${name}
            </option>`,
        )}
      </select>
    </label>
    <p class="actions">
      <button type="submit">${words.text("activity.search")}</button>
      <a href="${address.path}">${words.text("activity.all")}</a>
    </p>
  </form>`;
}

function tableOf(words: AdminWords, address: ListAddress, entries: readonly Entry[]): Html {
  const link = (name: "actor" | "action" | "subject", value: string) =>
    html`<a href="${address.with({ [name]: value })}" title="${value}">${shortId(value)}</a>`;
  const table = tableView<Entry>({
    caption: words.text("activity.heading"),
    address,
    rows: entries,
    columns: [
      {
        heading: words.text("activity.when"),
        cell: ({ micros }) => words.time(new Date(Number(micros / 1000n)).toISOString()),
      },
      {
        heading: words.text("activity.actor"),
        cell: ({ actorKind, actor }) =>
          html`<span
            >${words.find(`activity.kind.${actorKind}`) ?? actorKind}${actor === actorKind ? "" : html`<br />${link("actor", actor)}`}</span
          >`,
      },
      { heading: words.text("activity.action"), cell: ({ action }) => link("action", action) },
      {
        heading: words.text("activity.subject"),
        cell: (entry) => html`<span>${subjectView(entry)}<br />${link("subject", entry.subject)}</span>`,
      },
      {
        heading: words.text("activity.details"),
        cell: (entry) => html`<div>${detailsView(words, entry)}</div>`,
      },
    ],
  });
  return html`<div class="activity">${table}</div>`;
}

/** Of a UUID the end, which tells those apart that were made together. */
function shortId(text: string): string {
  return /^[0-9a-f-]{36}$/.test(text) ? `…${text.slice(-8)}` : text;
}

function subjectView({ subjectKind, subject }: Entry): Html {
  if (subjectKind === "order")
    return html`<a href="/admin/orders/${encodeURIComponent(subject)}">${subjectKind}</a>`;
  return html`${subjectKind}`;
}

function detailsView(words: AdminWords, entry: Entry): Html {
  const { personal, erased, requestId, traceId, position, hash, service } = entry;
  const { reason, ...others } = personal;
  const facts: [string, string | Html][] = [
    ...Object.entries(others),
    ...erased.map((name): [string, Html] => [name, html`<i>${words.text("activity.erased")}</i>`]),
    [words.text("activity.service"), service],
    ...(requestId === "" ? [] : [[words.text("activity.request"), requestId] as [string, string]]),
    ...(traceId === "" ? [] : [[words.text("activity.trace"), traceId] as [string, string]]),
    [
      words.text("activity.seal"),
      position === 0n
        ? words.text("activity.unsealed")
        : words.text("activity.sealed", { position: String(position), hash: hash.slice(0, 16) }),
    ],
  ];
  return html`${reason === undefined ? "" : html`<p class="reason">${reason}</p>`}
    <details>
      <summary>${words.text("activity.more")}</summary>
      ${changesView(words, entry)}
      <dl class="facts">
        ${facts.map(
          ([name, value]) =>
            html`<dt>${name}</dt>
              <dd>${value}</dd>`,
        )}
      </dl>
    </details>`;
}

/** What was different, field by field. */
function changesView(words: AdminWords, { beforeJson, afterJson }: Entry): Html {
  const [before, after] = [fieldsOf(beforeJson), fieldsOf(afterJson)];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  if (names.length === 0) return html``;
  return html`<table class="table changes">
    <thead>
      <tr>
        <th scope="col">${words.text("activity.field")}</th>
        <th scope="col">${words.text("activity.before")}</th>
        <th scope="col">${words.text("activity.after")}</th>
      </tr>
    </thead>
    <tbody>
      ${names.map(
        (name) =>
          html`<tr>
            <th scope="row">${name}</th>
            <td data-label="${words.text("activity.before")}"><del>${textOf(before[name])}</del></td>
            <td data-label="${words.text("activity.after")}"><ins>${textOf(after[name])}</ins></td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function fieldsOf(json: string): { readonly [name: string]: unknown } {
  const value: unknown = json === "" ? {} : JSON.parse(json);
  return typeof value === "object" && value !== null ? { ...value } : { value };
}

const textMax = 1_000;

function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > textMax ? `${text.slice(0, textMax)}…` : text;
}

function chainsView(words: AdminWords, { chains }: ShopActivity): Html {
  if (chains.length === 0) return html``;
  return html`<h2>${words.text("activity.chains")}</h2>
    <p class="muted">${words.text("activity.chainsIntro")}</p>
    <table class="table list">
      <thead>
        <tr>
          <th scope="col">${words.text("activity.service")}</th>
          <th scope="col" class="figure">${words.text("activity.entries")}</th>
          <th scope="col" class="figure">${words.text("activity.waiting")}</th>
          <th scope="col">${words.text("activity.newest")}</th>
        </tr>
      </thead>
      <tbody>
        ${chains.map(
          ({ service, firstPosition, position, unsealed, hash }) =>
            html`<tr>
              <td data-label="${words.text("activity.service")}">${service}</td>
              <td class="figure" data-label="${words.text("activity.entries")}">
                ${words.number(Number(position - firstPosition + 1n))}
              </td>
              <td class="figure" data-label="${words.text("activity.waiting")}">${words.number(unsealed)}</td>
              <td data-label="${words.text("activity.newest")}"><code>${hash.slice(0, 16) || "–"}</code></td>
            </tr>`,
        )}
      </tbody>
    </table>`;
}
