import { systemClock } from "#platform/kit/clock.ts";
import { additionsAt } from "#platform/kit/extension.ts";
import { loadExtensions } from "#platform/kit/shop-file.ts";
import { productFields } from "../services/catalog/extension.ts";
import { ProductFields } from "../services/catalog/product-fields.ts";
import { importFile, type ImportProgress } from "../services/catalog/import.ts";
import { noteProducts } from "../services/catalog/tasks/index-products.ts";
import type { CommandContext } from "./command.ts";
import { withServices } from "./open-back-end.ts";

/** `import <file> [--strict]`: adds or updates products, also beside a running shop. */
export async function importProducts(context: CommandContext): Promise<void> {
  const { args, options, print, stop } = context;
  const [path = ""] = args;
  await withServices(context, ["catalog"], async ({ services: [catalog] }, { currency }) => {
    if (!catalog?.db) throw new Error("The catalogue has no database.");
    const startedMs = systemClock.monotonicMs();
    const bar = progressBar(process.stdout.isTTY, print);
    const extensions = await loadExtensions(context.shop, ["catalog"]);
    const fields = new ProductFields(additionsAt(extensions, productFields));
    const note = noteProducts(catalog.tasks);
    const target = { db: catalog.db, baseCurrency: currency, fields, note };
    const result = await importFile(target, path, bar.show, {
      isStrict: options["strict"] === true,
      onFault: ({ line, reasons }) => bar.say(`line ${line} was left out: ${told(reasons)}`),
      signal: stop,
    });
    bar.end(result);
    const seconds = (systemClock.monotonicMs() - startedMs) / 1000;
    print(
      `${result.created} products added, ${result.updated} updated, ${result.refused} left out, in ${seconds.toFixed(1)} s.`,
    );
  });
}

/** Each reason once, without the line it was found on. */
function told(reasons: readonly string[]): string {
  return [...new Set(reasons.map((reason) => reason.replace(/^line \d+: /, "")))].join("; ");
}

const barWidth = 30;

/** One line that fills up on a terminal; elsewhere a line for every tenth. */
function progressBar(isTerminal: boolean, print: (line: string) => void) {
  let tenths = 0;
  const draw = ({ created, updated, bytesRead, bytesTotal }: ImportProgress) => {
    const share = bytesTotal === 0 ? 1 : Math.min(1, bytesRead / bytesTotal);
    const filled = Math.round(share * barWidth);
    const bar = "#".repeat(filled).padEnd(barWidth, ".");
    return `[${bar}] ${Math.round(share * 100)} %  ${created + updated} products`;
  };
  return {
    show: (progress: ImportProgress) => {
      if (isTerminal) return void process.stdout.write(`\r${draw(progress)}`);
      const reached = Math.floor((progress.bytesRead / Math.max(1, progress.bytesTotal)) * 10);
      if (reached > tenths) print(draw(progress));
      tenths = Math.max(tenths, reached);
    },
    say: (line: string) => print(isTerminal ? `\r${line}` : line),
    end: (progress: ImportProgress) => {
      if (isTerminal) process.stdout.write(`\r${draw({ ...progress, bytesRead: progress.bytesTotal })}\n`);
    },
  };
}
