// A helm release: the values that it stands by, and its own chart, so that a rollout changes nothing but what it says.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Clock } from "#platform/kit/clock.ts";
import { StartError } from "#platform/kit/start-error.ts";
import type { Tools } from "./tool.ts";

/** Values as helm prints them. */
export type Values = { readonly [name: string]: unknown };

export interface ReleaseOptions {
  readonly tools: Tools;
  readonly name: string;
  /** A chart to use in place of the release's own. */
  readonly chart: string | undefined;
  readonly clock: Clock;
  readonly print: (line: string) => void;
}

const pendingPatienceMs = 60_000;

export class Release {
  readonly name: string;
  readonly #options: ReleaseOptions;
  #chart: Promise<string> | undefined;
  #folder: string | undefined;
  #byServer: Promise<boolean> | undefined;

  constructor(options: ReleaseOptions) {
    this.#options = options;
    this.name = options.name;
  }

  /** All values in force: those of the chart, and those that were said. */
  async values(): Promise<Values> {
    const text = await this.#options.tools.helm(["get", "values", this.name, "--all", "--output", "json"]);
    return JSON.parse(text) as Values;
  }

  /** Sets values as `path=value`; strings stay strings. Everything else stays as the release says. */
  async set(values: Sets, why: string): Promise<void> {
    const { tools } = this.#options;
    this.#chart ??= this.#ownChart();
    await this.#untilFree();
    await tools.helm(
      [
        "upgrade",
        this.name,
        await this.#chart,
        "--reuse-values",
        ...setWords(values),
        "--description",
        why,
        // The release says what holds: a count that somebody scaled by hand meanwhile is no reason to fail.
        ...((await this.#isAppliedByServer()) ? ["--force-conflicts"] : []),
      ],
      { timeoutMs: 300_000 },
    );
  }

  async close(): Promise<void> {
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
  }

  /** Helm 4 asks the server who owns a field; what helm 3 has installed it goes on to merge itself. */
  async #isAppliedByServer(): Promise<boolean> {
    const read = async () => {
      const major = Number(/v(\d+)/.exec(await this.#options.tools.helm(["version", "--short"]))?.[1] ?? 3);
      const packed = major >= 4 ? await this.#packed() : undefined;
      return packed !== undefined && readRelease(packed).apply_method === "ssa";
    };
    return await (this.#byServer ??= read());
  }

  /** A change that was killed halfway is undone first: helm refuses everything else until then. */
  async #untilFree(): Promise<void> {
    const { tools, clock, print } = this.#options;
    const untilMs = clock.monotonicMs() + pendingPatienceMs;
    for (;;) {
      const history = JSON.parse(
        await tools.helm(["history", this.name, "--max", "20", "--output", "json"]),
      ) as { revision: number; status: string }[];
      const last = history.at(-1);
      if (last === undefined || !last.status.startsWith("pending")) return;
      if (clock.monotonicMs() > untilMs) {
        const good = history.findLast(({ status }) => status === "deployed" || status === "superseded");
        if (good === undefined)
          throw new StartError(
            `The release ${this.name} is ${last.status}: it was never installed. Install it first.`,
          );
        print(
          `The release ${this.name} was left ${last.status}; it goes back to revision ${good.revision} first.`,
        );
        await tools.helm(["rollback", this.name, String(good.revision)], { timeoutMs: 300_000 });
        return;
      }
      await clock.sleep(2_000);
    }
  }

  /** The chart that the release was installed from, as it lies in the cluster. */
  async #ownChart(): Promise<string> {
    const { chart } = this.#options;
    if (chart !== undefined) return chart;
    const packed = await this.#packed();
    if (packed === undefined)
      throw new StartError(
        `No Secret holds the release ${this.name}. Name its chart: --chart deploy/helm/stoa.`,
      );
    this.#folder = await mkdtemp(join(tmpdir(), "stoa-chart-"));
    await unpackChart(packed, this.#folder);
    return this.#folder;
  }

  /** The newest revision as helm keeps it. */
  async #packed(): Promise<string | undefined> {
    const selector = `owner=helm,name=${this.name},status!=superseded`;
    const text = await this.#options.tools.kubectl([
      "get",
      "secrets",
      "--selector",
      selector,
      "--output",
      "json",
    ]);
    const { items } = JSON.parse(text) as { items: Secret[] };
    return items.sort((a, b) => revisionOf(b) - revisionOf(a))[0]?.data?.["release"];
  }
}

interface Secret {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
  readonly data?: Readonly<Record<string, string>>;
}

function revisionOf({ metadata }: Secret): number {
  return Number(metadata.labels?.["version"] ?? 0);
}

interface PackedChart {
  readonly metadata: object;
  readonly values?: object | null;
  /** Base64, as all that is bytes. */
  readonly schema?: string | null;
  readonly templates?: readonly PackedFile[] | null;
  readonly files?: readonly PackedFile[] | null;
}

interface PackedFile {
  readonly name: string;
  readonly data: string;
}

interface PackedRelease {
  readonly chart: PackedChart;
  /** `ssa` where the server merges changes. */
  readonly apply_method?: string;
}

function readRelease(packed: string): PackedRelease {
  const inner = Buffer.from(Buffer.from(packed, "base64").toString(), "base64");
  return JSON.parse(gunzipSync(inner).toString()) as PackedRelease;
}

/** Writes the chart of a release, as helm keeps it in its Secret, into a folder. JSON is YAML. */
export async function unpackChart(packed: string, folder: string): Promise<void> {
  const { chart } = readRelease(packed);
  const files = new Map<string, string | Buffer>([
    ["Chart.yaml", JSON.stringify(chart.metadata)],
    ["values.yaml", JSON.stringify(chart.values ?? {})],
  ]);
  if (chart.schema) files.set("values.schema.json", Buffer.from(chart.schema, "base64"));
  for (const { name, data } of [...(chart.templates ?? []), ...(chart.files ?? [])])
    files.set(name, Buffer.from(data, "base64"));
  for (const [name, text] of files) {
    const path = join(folder, name);
    if (!path.startsWith(`${folder}/`)) throw new StartError(`The release's chart names a file ${name}.`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}

export type Sets = ReadonlyMap<string, string | number>;

/** The words that set values: text as text, so that a tag `1.10` stays what it is. */
export function setWords(values: Sets): string[] {
  return [...values].flatMap(([path, value]) =>
    typeof value === "number" ? ["--set", `${path}=${value}`] : ["--set-string", `${path}=${escaped(value)}`],
  );
}

function escaped(text: string): string {
  return text.replaceAll(/[\\,={}[\]]/g, (sign) => `\\${sign}`);
}
