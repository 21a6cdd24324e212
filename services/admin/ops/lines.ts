// The last lines of all processes' logs, in the order in which they were written.
import type { AdminContext } from "../context.ts";

export interface LineFilter {
  /** This level and worse. */
  readonly level?: string | undefined;
  readonly kind?: string | undefined;
  readonly service?: string | undefined;
  /** Stands somewhere on the line. */
  readonly text?: string | undefined;
  readonly limit?: number;
}

export interface ShopLine {
  /** Of one line in one process, for pages that add what is new. */
  readonly id: string;
  /** ISO 8601, by the clock of its process. */
  readonly time: string;
  readonly level: string;
  readonly kind: string;
  readonly service: string;
  readonly msg: string;
  readonly requestId: string;
  readonly traceId: string;
  /** Everything else that stands on it, as JSON. */
  readonly fieldsJson: string;
  /** host:port of its process, or `here`. */
  readonly process: string;
}

const limitDefault = 100;
const limitMax = 500;
const askMs = 800;

/** The newest lines that pass the filter, oldest first. */
export async function readLines(
  { processes }: Pick<AdminContext, "processes">,
  { level = "", kind = "", service = "", text = "", limit = limitDefault }: LineFilter = {},
): Promise<ShopLine[]> {
  const wanted = Math.min(limit, limitMax);
  const told = await processes.ask(
    async (client) =>
      await client.tailLines({ level, kind, service, text, limit: wanted }, { timeoutMs: askMs }),
  );
  return told
    .flatMap(({ address, place, answer }) =>
      answer.lines.map(
        ({ number, time, level, kind, service: said, msg, requestId, traceId, fieldsJson }) => ({
          ...{ time, level, kind, msg, requestId, traceId, fieldsJson },
          // A process speaks for itself where it runs one service.
          service: said || (place === "here" ? "" : place),
          id: `${address}#${number}`,
          process: address,
        }),
      ),
    )
    .sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))
    .slice(-wanted);
}
