import { systemClock } from "#platform/kit/clock.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { additionsAt } from "#platform/kit/extension.ts";
import { loadExtensions } from "#platform/kit/shop-file.ts";
import { productFields } from "../services/catalog/extension.ts";
import { ProductFields } from "../services/catalog/product-fields.ts";
import { importFile, type ImportProgress } from "../services/catalog/import.ts";
import { noteProducts } from "../services/catalog/tasks/index-products.ts";
import type { CommandContext } from "./command.ts";
import { LeftOutReport } from "./left-out.ts";
import { withServices } from "./open-back-end.ts";

const faultsShownMax = 20;

/** `import <file>`: adds or updates products, also beside a running shop. Fails when a line was left out. */
export async function importProducts(context: CommandContext): Promise<void> {
  const { args, options, note, stop } = context;
  const [path = ""] = args;
  const report = new LeftOutReport(textOf(options["report"]) ?? `${path}.left-out.csv`);
  await withServices(context, ["catalog"], async ({ services: [catalog] }, { currency }) => {
    if (!catalog?.db) throw new Error("The catalogue has no database.");
    const startedMs = systemClock.monotonicMs();
    const bar = progressBar(process.stdout.isTTY && !options["json"], note);
    const extensions = await loadExtensions(context.shop, ["catalog"]);
    const fields = new ProductFields(additionsAt(extensions, productFields));
    const target = { db: catalog.db, baseCurrency: currency, fields, note: noteProducts(catalog.tasks) };
    let leftOut = 0;
    try {
      const result = await importFile(target, path, bar.show, {
        isStrict: options["strict"] === true,
        encoding: textOf(options["encoding"]),
        onEncoding: ({ otherwise }) => {
          if (otherwise) bar.say(`The file is no UTF-8; it is read as ${otherwise}.`);
        },
        onFault: (fault) => {
          report.add(fault);
          leftOut += 1;
          if (leftOut <= faultsShownMax)
            bar.say(`line ${fault.line} was left out: ${fault.reasons.join("; ")}`);
        },
        signal: stop,
      });
      bar.end(result);
      tell(context, result, { report, seconds: (systemClock.monotonicMs() - startedMs) / 1000 });
    } finally {
      report.close();
    }
  });
}

function textOf(option: string | true | undefined): string | undefined {
  return typeof option === "string" ? option : undefined;
}

interface Told {
  readonly report: LeftOutReport;
  readonly seconds: number;
}

function tell(
  { options, print }: CommandContext,
  { created, updated, unchanged, refused }: ImportProgress,
  { report, seconds }: Told,
): void {
  const reportPath = refused > 0 ? report.path : null;
  if (options["json"])
    print(
      JSON.stringify({ created, updated, unchanged, leftOut: refused, report: reportPath }, undefined, 2),
    );
  else
    print(
      `${created} products added, ${updated} updated, ${unchanged} as they were, ${refused} left out, in ${seconds.toFixed(1)} s.`,
    );
  if (refused > 0)
    throw new StartError(
      `${refused === 1 ? "1 line was" : `${refused} lines were`} left out. Each stands with its reason in ${report.path}: mend it in the file and import that again; what is in already stays as it is.`,
    );
}

const barWidth = 30;

/** One line that fills up on a terminal; elsewhere a line for every tenth. */
function progressBar(isTerminal: boolean, print: (line: string) => void) {
  let tenths = 0;
  const draw = ({ created, updated, unchanged, bytesRead, bytesTotal }: ImportProgress) => {
    const share = bytesTotal === 0 ? 1 : Math.min(1, bytesRead / bytesTotal);
    const filled = Math.round(share * barWidth);
    const bar = "#".repeat(filled).padEnd(barWidth, ".");
    return `[${bar}] ${Math.round(share * 100)} %  ${created + updated + unchanged} products`;
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
