// Tables of many rows: columns, links that filter and sort, pages by cursor, and one form for many rows. No script is needed.
import { html, type Html, type HtmlValue } from "./html.ts";

/** The address of a list: its path, and everything that was chosen in its query. */
export class ListAddress {
  readonly path: string;
  readonly query: URLSearchParams;

  constructor(path: string, query: URLSearchParams) {
    this.path = path;
    this.query = query;
  }

  /** The address with these choices instead; undefined takes one away. Whatever changes, the list begins at its first page. */
  with(choices: { readonly [name: string]: string | undefined }): string {
    const query = new URLSearchParams(this.query);
    query.delete("cursor");
    for (const [name, value] of Object.entries(choices)) {
      if (value === undefined) query.delete(name);
      else query.set(name, value);
    }
    const text = query.toString();
    return text === "" ? this.path : `${this.path}?${text}`;
  }

  /** What was chosen, if anything. */
  get(name: string): string | undefined {
    return this.query.get(name) || undefined;
  }
}

export interface Column<Row> {
  readonly heading: string;
  readonly cell: (row: Row) => HtmlValue;
  /** Value of `sort` in the query that sorts by this column; a minus before it turns the order round. */
  readonly sort?: string;
  /** Figures stand at the end of their column. */
  readonly isFigure?: boolean;
}

/** Acts on the rows that are ticked: a form that posts `id` once for each of them, and `action`. */
export interface Bulk<Row> {
  readonly url: string;
  readonly idOf: (row: Row) => string;
  /** What the box of a row is called by a reader of the screen. */
  readonly labelOf: (row: Row) => string;
  readonly heading: string;
  readonly actions: readonly { readonly value: string; readonly text: string }[];
}

export interface TableParts<Row> {
  /** Read out before the table; not seen. */
  readonly caption: string;
  readonly address: ListAddress;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly bulk?: Bulk<Row> | undefined;
}

/** The table, in its form when rows can be acted on together. On narrow screens each row becomes a block of lines. */
export function tableView<Row>({ caption, address, columns, rows, bulk }: TableParts<Row>): Html {
  const table = html`<table class="table list">
    <caption class="hidden">
      ${caption}
    </caption>
    <thead>
      <tr>
        ${bulk ? html`<th scope="col"><span class="hidden">${bulk.heading}</span></th>` : ""}
        ${columns.map((column) => headingView(column, address))}
      </tr>
    </thead>
    <tbody>
      ${rows.map((row) => rowView(row, columns, bulk))}
    </tbody>
  </table>`;
  if (!bulk) return table;
  return html`<form class="bulk" action="${bulk.url}" method="post">
    <input type="hidden" name="back" value="${address.with({ cursor: address.get("cursor") })}" />
    ${table}
    <p class="actions">
      <span class="muted">${bulk.heading}</span>
      ${bulk.actions.map(
        ({ value, text }) =>
          html`<button class="quiet small" type="submit" name="action" value="${value}">${text}</button>`,
      )}
    </p>
  </form>`;
}

function headingView<Row>({ heading, sort, isFigure }: Column<Row>, address: ListAddress): Html {
  const figure = isFigure ? html` class="figure"` : "";
  if (sort === undefined) return html`<th scope="col" ${figure}>${heading}</th>`;
  const chosen = address.get("sort");
  const order = chosen === sort ? "ascending" : chosen === `-${sort}` ? "descending" : "none";
  const next = order === "ascending" ? `-${sort}` : sort;
  return html`<th scope="col" aria-sort="${order}" ${figure}>
    <a href="${address.with({ sort: next })}">${heading}</a>
  </th>`;
}

function rowView<Row>(row: Row, columns: readonly Column<Row>[], bulk: Bulk<Row> | undefined): Html {
  return html`<tr>
    ${
      bulk
        ? html`<td class="tick">
            <input
              type="checkbox"
              name="id"
              value="${bulk.idOf(row)}"
              aria-label="${bulk.labelOf(row)}"
              autocomplete="off"
            />
          </td>`
        : ""
    }${columns.map(
      ({ cell, heading, isFigure }) =>
        html`<td data-label="${heading}" ${isFigure ? html` class="figure"` : ""}>${cell(row)}</td>`,
    )}
  </tr>`;
}

export interface FilterParts {
  readonly label: string;
  readonly address: ListAddress;
  /** The name in the query. */
  readonly name: string;
  /** A choice without a value stands for all. */
  readonly choices: readonly { readonly value?: string; readonly text: string; readonly count?: string }[];
}

/** One row of links; the one in force is marked. */
export function filterView({ label, address, name, choices }: FilterParts): Html {
  const chosen = address.get(name);
  return html`<nav aria-label="${label}">
    <ul class="chips">
      ${choices.map(
        ({ value, text, count }) =>
          html`<li>
            <a
              class="chip"
              href="${address.with({ [name]: value })}"
              ${value === chosen ? html` aria-current="true"` : ""}
              >${text}${count === undefined ? "" : html` <small>${count}</small>`}</a
            >
          </li>`,
      )}
    </ul>
  </nav>`;
}

export interface PagesWords {
  readonly label: string;
  readonly first: string;
  readonly next: string;
}

/** Links to the first page and to the next one, as far as there are any. */
export function pagesView(
  address: ListAddress,
  nextCursor: string | null,
  { label, first, next }: PagesWords,
): Html | undefined {
  const isFirst = address.get("cursor") === undefined;
  if (isFirst && nextCursor === null) return undefined;
  return html`<nav class="pages" aria-label="${label}">
    ${isFirst ? "" : html`<a class="button quiet" href="${address.with({})}">${first}</a>`}${
      nextCursor === null
        ? ""
        : html`<a class="button quiet" rel="next" href="${address.with({ cursor: nextCursor })}">${next}</a>`
    }
  </nav>`;
}

/** Ids that were ticked, without repetitions, at most as many as a page may show. */
export function tickedIds(form: URLSearchParams, idsMax = 100): string[] {
  return [...new Set(form.getAll("id"))].slice(0, idsMax);
}
