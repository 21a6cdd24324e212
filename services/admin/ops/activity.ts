// The activity logs of all services as one, newest first.
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { ShopProcesses } from "#platform/operations/processes.ts";
import { shopPlan } from "#platform/operations/shop-plan.ts";
import type { AdminContext } from "../context.ts";

type Operations = NonNullable<Awaited<ReturnType<ShopProcesses["operationsOf"]>>>;
type Told = Awaited<ReturnType<Operations["listActivity"]>>;
type ActivityEntry = Told["entries"][number];
type ActivityChain = NonNullable<Told["chain"]>;

export interface ActivityChoice {
  readonly service?: string | undefined;
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly subject?: string | undefined;
  readonly text?: string | undefined;
  readonly from?: Date | undefined;
  readonly until?: Date | undefined;
  /** Where the page before ended. */
  readonly cursor?: string | undefined;
}

export interface ShopActivity {
  readonly entries: readonly (ActivityEntry & { readonly service: string })[];
  readonly chains: readonly (ActivityChain & { readonly service: string })[];
  /** Services that did not answer. */
  readonly silent: readonly string[];
  /** Names of all services that keep a log. */
  readonly services: readonly string[];
  readonly nextCursor: string | undefined;
}

const askMs = 2_000;
const rowsMax = 40;
const sequenceMax = 9_223_372_036_854_775_807n;

/** One page of it. Entries of one moment stand in the order of their services' names. */
export async function readActivity(
  { processes }: Pick<AdminContext, "processes">,
  { service: wanted, cursor, from, until, ...choice }: ActivityChoice,
): Promise<ShopActivity> {
  const plan = await shopPlan();
  const services = plan.services.filter(({ hasDatabase }) => hasDatabase).map(({ name }) => name);
  const asked = services.filter((name) => wanted === undefined || name === wanted);
  const { actor = "", action = "", subject = "", text = "" } = choice;
  const told = await Promise.all(
    asked.map(async (service) => {
      const client = await processes.operationsOf(service);
      const request = {
        ...{ actor, action, subject, text, ...placeFor(service, cursor), limit: rowsMax + 1 },
        ...(from ? { from: timestampFromDate(from) } : {}),
        ...(until ? { until: timestampFromDate(until) } : {}),
      };
      const answer = await client?.listActivity(request, { timeoutMs: askMs }).catch(() => undefined);
      return { service, answer };
    }),
  );
  const all = told
    .flatMap(({ service, answer }) => (answer?.entries ?? []).map((entry) => ({ ...entry, service })))
    .sort(
      (a, b) =>
        compare(b.micros, a.micros) || compare(a.service, b.service) || compare(b.sequence, a.sequence),
    );
  const entries = all.slice(0, rowsMax);
  const last = entries.at(-1);
  return {
    entries,
    chains: told.flatMap(({ service, answer }) => (answer?.chain ? [{ ...answer.chain, service }] : [])),
    silent: told.filter(({ answer }) => !answer).map(({ service }) => service),
    services,
    nextCursor: all.length > rowsMax && last ? `${last.micros}.${last.sequence}.${last.service}` : undefined,
  };
}

function compare<T extends bigint | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The cursor names one entry of one service; of the same moment, services before it have been shown and those after it have not. */
function placeFor(
  service: string,
  cursor: string | undefined,
): { beforeMicros?: bigint; beforeSequence?: bigint } {
  const match = /^(\d{1,18})\.(\d{1,18})\.([a-z-]{1,40})$/.exec(cursor ?? "");
  if (!match) return {};
  const [, micros = "", sequence = "", of = ""] = match;
  const beforeSequence = service === of ? BigInt(sequence) : service > of ? sequenceMax : 0n;
  return { beforeMicros: BigInt(micros), beforeSequence };
}
