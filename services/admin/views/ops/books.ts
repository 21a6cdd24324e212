import type { CheckedRule } from "#platform/operations/checked-rules.ts";
import { html, type Html } from "#platform/web/html.ts";
import { ListAddress, tableView } from "#platform/web/table.ts";
import type { AdminWords } from "../../context.ts";
import type { BackupFact, ShopBackups, ShopDatabase, ShopInvariants } from "../../ops/books.ts";
import { ageText, bytesText, shareText } from "./figures.ts";

const nowhere = new ListAddress("/admin/ops/books", new URLSearchParams());

export function invariantsView(words: AdminWords, books: ShopInvariants, atMs: number): Html {
  if (!books.isKnown) return html`<p class="empty">${words.text("ops.books.unchecked")}</p>`;
  const { rules, checkedAtMs } = books;
  const broken = rules.filter(({ violations }) => violations > 0);
  return html`<p class="verdict ${broken.length > 0 ? "bad" : "good"}">
      ${words.text("ops.books.verdict", { broken: broken.length, all: rules.length })}
      <small>${words.text("ops.books.checked", { age: ageText(words, (atMs - checkedAtMs) / 1_000) })}</small>
    </p>
    ${rulesView(words, broken)}
    <details id="rules" class="rules-kept">
      <summary>${words.text("ops.books.kept", { count: rules.length - broken.length })}</summary>
      ${rulesView(
        words,
        rules.filter(({ violations }) => violations === 0),
      )}
    </details>`;
}

function rulesView(words: AdminWords, rules: readonly CheckedRule[]): Html {
  return html`<ul class="rules">
    ${rules.map(
      ({ id, sentence, violations }) =>
        html`<li>
          ${
            violations > 0
              ? html`<span class="status bad"
                  >${words.text("ops.books.violations", { count: violations })}</span
                >`
              : ""
          }
          ${sentence} <code class="muted">${id}</code>
        </li>`,
    )}
  </ul>`;
}

export function databasesView(words: AdminWords, { databases, silent }: ShopBackups, atMs: number): Html {
  const lacking =
    silent.length === 0
      ? ""
      : html`<p class="alert">${words.text("ops.work.unasked", { services: words.list(silent) })}</p>`;
  if (databases.length === 0) return html`${lacking}`;
  const fact = (one: BackupFact | undefined) => {
    if (!one) return html`<span class="muted">${words.text("ops.books.never")}</span>`;
    const age = words.text("ops.books.ago", { age: ageText(words, (atMs - one.atMs) / 1_000) });
    if (!one.ok)
      return html`<span><span class="status bad">${words.text("ops.books.failed")}</span> ${age}</span>`;
    return `${age} · ${bytesText(words, one.bytes)}`;
  };
  return html`${lacking}
  ${tableView<ShopDatabase>({
    caption: words.text("ops.books.databases"),
    address: nowhere,
    rows: databases,
    columns: [
      { heading: words.text("ops.books.of"), cell: ({ service }) => service },
      {
        heading: words.text("ops.books.size"),
        isFigure: true,
        cell: ({ sizeBytes }) => bytesText(words, sizeBytes),
      },
      {
        heading: words.text("ops.books.connections"),
        isFigure: true,
        cell: ({ connections, connectionsMax }) =>
          words.text("ops.of", { some: connections, all: connectionsMax }),
      },
      {
        heading: words.text("ops.books.hits"),
        isFigure: true,
        cell: ({ cacheHitRatio }) => shareText(words, cacheHitRatio),
      },
      { heading: words.text("ops.books.backup"), cell: ({ lastBackup }) => fact(lastBackup) },
      { heading: words.text("ops.books.drill"), cell: ({ lastDrill }) => fact(lastDrill) },
    ],
  })}`;
}
