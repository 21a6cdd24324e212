// The side that asks, in a process of its own: so that what it costs is not counted for the side that answers.
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";

export interface LoadRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Stands before the kind of its answers, so that they can be told from others. */
  readonly name?: string;
  /** Who asks hangs up then, counted from when it was due; the kind is "hung up". Absent: they wait for ever. */
  readonly patienceMs?: number | undefined;
}

export interface LoadOrder {
  readonly origin: string;
  /** Taken in turn, from the first. */
  readonly requests: readonly LoadRequest[];
  readonly count: number;
  /** Connections; a closed loop has each of them ask again when it has its answer. */
  readonly parallel: number;
  /** Open loop: requests start at this rate, whether earlier ones were answered or not, and time runs from when they were due. */
  readonly perSecond?: number;
}

/** The answers of one kind, such as "201" or "409 STOCK_INSUFFICIENT". */
export interface Answers {
  readonly kind: string;
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface LoadReport {
  readonly seconds: number;
  readonly perSecond: number;
  readonly answers: readonly Answers[];
}

export interface LoadProcess {
  run(order: LoadOrder): Promise<LoadReport>;
  close(): Promise<void>;
}

/** Starts it. `run` rejects when the process dies; answers of any kind are counted, never thrown. */
export function openLoad(): LoadProcess {
  const child = fork(new URL("./load-process.ts", import.meta.url), { serialization: "advanced" });
  return {
    run: async (order) => {
      child.send(order);
      return await nextReport(child);
    },
    close: async () => {
      child.disconnect();
      await once(child, "exit");
    },
  };
}

async function nextReport(child: ChildProcess): Promise<LoadReport> {
  const ended = new AbortController();
  const died = once(child, "exit", { signal: ended.signal }).then(() => {
    throw new Error("The process that makes the load has ended; its own words are above.");
  });
  try {
    const [report] = (await Promise.race([once(child, "message", { signal: ended.signal }), died])) as [
      LoadReport,
    ];
    return report;
  } finally {
    died.catch(() => undefined);
    ended.abort();
  }
}

/** Throws unless every answer was of this kind: a benchmark of failures would measure nothing. */
export function requireOnly(report: LoadReport, kind: string): Answers {
  const [only] = report.answers;
  if (only && report.answers.length === 1 && only.kind === kind) return only;
  const found = report.answers.map((answers) => `${answers.count} × ${answers.kind}`).join(", ");
  throw new Error(`All answers should have been ${kind}, but there were ${found}.`);
}
