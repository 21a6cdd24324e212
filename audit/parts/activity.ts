// The chains of the activity logs, computed anew: nothing that lies in the database is trusted but the bytes of its rows.
import { chainFaults, contentSql, saltedHash, type ChainRow } from "#platform/activity/chain.ts";
import { auditedServices } from "../config.ts";
import type { Books, Invariant, Judgement, Part, Violation } from "../invariant.ts";

const invariant: Invariant = {
  id: "activity-chain",
  sentence:
    "The activity log is whole: nothing in it was changed, removed, moved or cut off, and nobody's values went without an erasure.",
};

/** Rows of one subject; a look takes thousands of them. */
const chunkSize = 50;
const end = "end";

interface Ends {
  readonly firstPosition: number;
  readonly anchor: string;
  readonly position: number;
}

const endsColumns = `c.first_position::float8 as "firstPosition", encode(c.anchor, 'hex') as anchor, c.position::float8 as position`;

/** Pieces of the chains of all services whose books are open, and of each chain its ends. */
export const activityPart: Part = {
  name: "activity",
  invariants: [invariant],
  batchMax: 20,
  news: [],
  list: async (books, after, limit) => {
    const subjects: string[] = [];
    for (const service of [...servicesOf(books)].sort()) {
      const [ends] = await books.rows<Ends>(service, `select ${endsColumns} from activity_chain c`);
      const from = Math.floor(((ends?.firstPosition ?? 1) - 1) / chunkSize);
      const until = Math.ceil((ends?.position ?? 0) / chunkSize);
      for (let chunk = from; chunk < until; chunk += 1)
        subjects.push(`${service} ${String(chunk).padStart(12, "0")}`);
      subjects.push(`${service} ${end}`);
    }
    return subjects.filter((subject) => after === undefined || subject > after).slice(0, limit);
  },
  judge: async (books, subjects) => {
    const violations: Violation[] = [];
    const chunks = new Map<string, number[]>();
    for (const subject of subjects) {
      const [service = "", piece = ""] = subject.split(" ");
      if (piece === end) violations.push(...(await judgeEnds(books, service)));
      else chunks.set(service, [...(chunks.get(service) ?? []), Number(piece) * chunkSize + 1]);
    }
    for (const [service, starts] of chunks) violations.push(...(await judgeChunks(books, service, starts)));
    return { violations, underWay: [] } satisfies Judgement;
  },
};

function servicesOf({ services }: Books): readonly string[] {
  return services ?? auditedServices;
}

const violation = (subject: string, text: string): Violation => ({
  invariantId: invariant.id,
  subject,
  text: `${subject.split(" ")[0]}: ${text}`,
});

interface Tail extends Ends {
  readonly hash: string;
  readonly last: number;
  readonly lastHash: string;
  readonly unsealed: number;
  readonly trimmed: number | null;
  readonly trimmedHash: string | null;
}

/** What is newest must be what the chain says is newest, and its beginning what the last trim left. */
async function judgeEnds(books: Books, service: string): Promise<Violation[]> {
  const subject = `${service} ${end}`;
  const [tail] = await books.rows<Tail>(
    service,
    `select ${endsColumns}, encode(c.hash, 'hex') as hash, coalesce(a.position, 0)::float8 as last,
       coalesce(encode(a.hash, 'hex'), '') as "lastHash",
       (select count(*)::float8 from activity where position is null and occurred_at < now() - interval '5 minutes') as unsealed,
       (t.after ->> 'position')::float8 as trimmed, t.after ->> 'hash' as "trimmedHash"
     from activity_chain c
     left join lateral (select position, hash from activity where position is not null order by position desc limit 1) a on true
     left join lateral (select after from activity where action = 'activity.trim' order by sequence desc limit 1) t on true`,
  );
  if (!tail) return [violation(subject, "the ends of its chain are gone")];
  const { firstPosition, anchor, position, hash, last, lastHash, unsealed, trimmed, trimmedHash } = tail;
  const found: string[] = [];
  if (last !== position || lastHash !== hash)
    found.push(`the newest row is ${last}, but the chain was sealed up to ${position}`);
  if (unsealed > 0) found.push(`${unsealed} rows wait for their seal for over five minutes`);
  if (firstPosition > 1 && (trimmed !== firstPosition - 1 || trimmedHash !== anchor))
    found.push(`what was before row ${firstPosition} was dropped, and no entry says so`);
  return found.map((text) => violation(subject, text));
}

interface Row extends ChainRow, Omit<Ends, "position"> {
  readonly start: number;
  readonly newest: number;
  readonly actor: string;
  readonly about: string | null;
  readonly hashes: { readonly [name: string]: string };
  readonly values: { readonly [name: string]: readonly [salt: string, value: string] } | null;
}

async function judgeChunks(books: Books, service: string, starts: readonly number[]): Promise<Violation[]> {
  const rows = await books.rows<Row>(
    service,
    `select s.start::float8 as start, c.first_position::float8 as "firstPosition", encode(c.anchor, 'hex') as anchor,
       c.position::float8 as newest, a.position::float8 as position, encode(a.hash, 'hex') as hash, a.content, a.actor, a.about,
       a.personal as hashes, (
         select jsonb_object_agg(p.name, jsonb_build_array(encode(p.salt, 'hex'), p.value))
         from activity_personal p where p.sequence = a.sequence) as values
     from activity_chain c cross join unnest($1::bigint[]) as s (start)
     join lateral (
       select position, sequence, hash, actor, about, personal, ${contentSql} as content from activity
       where position between s.start - 1 and s.start + ${chunkSize - 1}) a on true
     order by s.start, a.position`,
    [starts],
  );
  const violations: Violation[] = [];
  for (const start of starts) {
    const subject = `${service} ${String((start - 1) / chunkSize).padStart(12, "0")}`;
    const own = rows.filter((row) => row.start === start);
    for (const text of faultsOf(start, own)) violations.push(violation(subject, text));
    for (const text of await valueFaults(
      books,
      service,
      own.filter(({ position }) => position >= start),
    ))
      violations.push(violation(subject, text));
  }
  return violations;
}

function faultsOf(start: number, rows: readonly Row[]): string[] {
  const [first] = rows;
  if (!first) return [`rows ${start} and following are missing`];
  const { firstPosition, anchor, newest } = first;
  const isBegun = first.position < start;
  const before = isBegun ? first : { position: firstPosition - 1, hash: anchor };
  // Where the row before is gone, the piece before says so.
  const isUnknown = !isBegun && firstPosition < start;
  const links = isUnknown ? { position: first.position, hash: first.hash } : before;
  const faults = chainFaults(links, isBegun || isUnknown ? rows.slice(1) : rows);
  const last = rows.at(-1)?.position ?? 0;
  const expected = Math.min(start + chunkSize - 1, newest);
  if (last < expected) faults.push(`rows ${last + 1} to ${expected} are missing`);
  return faults;
}

/** Values that are there fit their hashes; those that are not went with somebody of whom the log says that they were erased. */
async function valueFaults(books: Books, service: string, rows: readonly Row[]): Promise<string[]> {
  const faults: string[] = [];
  const missing: Row[] = [];
  for (const row of rows) {
    for (const [name, hash] of Object.entries(row.hashes)) {
      const kept = row.values?.[name];
      if (!kept) missing.push(row);
      else if (saltedHash(Buffer.from(kept[0], "hex"), kept[1]) !== hash)
        faults.push(`${name} of row ${row.position} is not what was sealed`);
    }
  }
  if (missing.length === 0) return faults;
  const people = missing.flatMap(({ actor, about }) => [actor, ...(about === null ? [] : [about])]);
  const erased = await books.rows<{ person: string }>(
    service,
    "select distinct subject as person from activity where action = 'activity.erase' and subject = any($1)",
    [people],
  );
  const known = new Set(erased.map(({ person }) => person));
  for (const row of new Set(missing))
    if (!known.has(row.actor) && !known.has(row.about ?? ""))
      faults.push(`values of row ${row.position} are gone, and nobody was erased`);
  return faults;
}
