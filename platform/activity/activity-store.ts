// The statements of the activity log; every database with a service has one.
import type { Queryable, Tx } from "#platform/database/db.ts";
import { contentSql, type ChainEnd } from "./chain.ts";

/** A row to be written. */
export interface NewActivity {
  readonly actorKind: string;
  readonly actor: string;
  readonly action: string;
  readonly subjectKind: string;
  readonly subject: string;
  readonly about: string | undefined;
  readonly before: object | undefined;
  readonly after: object | undefined;
  readonly requestId: string | undefined;
  readonly traceId: string | undefined;
  readonly personal: readonly SaltedValue[];
}

/** A personal value with the salt of its hash, and whom it goes with. */
export interface SaltedValue {
  readonly name: string;
  readonly person: string | undefined;
  readonly salt: Buffer;
  readonly value: string;
  readonly hash: string;
}

/** One statement: the row and what is personal of it. */
export async function insertActivity(tx: Tx, row: NewActivity): Promise<void> {
  const { personal } = row;
  await tx.run(
    `with written as (
       insert into activity (actor_kind, actor, action, subject_kind, subject, about, before, after, personal, request_id, trace_id)
       values ($1, $2, $3, $4, $5, $6, $7::jsonb, $8::jsonb, $9::jsonb, $10, $11) returning sequence
     )
     insert into activity_personal (sequence, name, person, salt, value)
     select sequence, p.name, p.person, p.salt, p.value
     from written, unnest($12::text[], $13::text[], $14::bytea[], $15::text[]) as p (name, person, salt, value)`,
    [
      row.actorKind,
      row.actor,
      row.action,
      row.subjectKind,
      row.subject,
      row.about ?? null,
      jsonOf(row.before),
      jsonOf(row.after),
      JSON.stringify(Object.fromEntries(personal.map(({ name, hash }) => [name, hash]))),
      row.requestId ?? null,
      row.traceId ?? null,
      personal.map(({ name }) => name),
      personal.map(({ person }) => person ?? null),
      personal.map(({ salt }) => salt),
      personal.map(({ value }) => value),
    ],
  );
}

/** Amounts are bigint in the code; what is too large for a number of JSON becomes a text. */
function jsonOf(value: object | undefined): string | null {
  if (value === undefined) return null;
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part !== "bigint") return part;
    return Number.isSafeInteger(Number(part)) ? Number(part) : String(part);
  });
}

/** Whether anything waits for its seal. */
export async function hasUnsealed(db: Queryable): Promise<boolean> {
  return (await db.row("select 1 from activity where position is null limit 1")) !== undefined;
}

/** The newest end of the chain, held until the transaction ends; undefined while another process seals. */
export async function lockChainEnd(tx: Tx): Promise<ChainEnd | undefined> {
  return await tx.row<ChainEnd>(
    `select position::float8 as position, encode(hash, 'hex') as hash from activity_chain for update skip locked`,
  );
}

/** The oldest rows that are not sealed. */
export async function listUnsealed(
  tx: Tx,
  limit: number,
): Promise<{ readonly sequence: string; readonly content: string }[]> {
  return await tx.rows(
    `select sequence::text as sequence, ${contentSql} as content from activity where position is null
     order by sequence limit $1`,
    [limit],
  );
}

/** Gives rows their places, and the chain its new end. */
export async function saveSeals(
  tx: Tx,
  seals: readonly { readonly sequence: string; readonly position: number; readonly hash: string }[],
): Promise<void> {
  const last = seals.at(-1);
  if (!last) return;
  await tx.run(
    `update activity as a set position = s.position, hash = decode(s.hash, 'hex')
     from unnest($1::bigint[], $2::bigint[], $3::text[]) as s (sequence, position, hash) where a.sequence = s.sequence`,
    [
      seals.map(({ sequence }) => sequence),
      seals.map(({ position }) => position),
      seals.map(({ hash }) => hash),
    ],
  );
  await tx.run("update activity_chain set position = $1, hash = decode($2, 'hex')", [
    last.position,
    last.hash,
  ]);
}

/** Both ends of the chain. */
export interface ChainEnds {
  readonly firstPosition: number;
  readonly anchor: string;
  readonly position: number;
  readonly hash: string;
  readonly unsealed: number;
}

/** How the chain stands. */
export async function readChain(db: Queryable): Promise<ChainEnds> {
  const ends = await db.row<ChainEnds>(
    `select first_position::float8 as "firstPosition", encode(anchor, 'hex') as anchor, position::float8 as position,
       encode(hash, 'hex') as hash, (select count(*)::float8 from activity where position is null) as unsealed
     from activity_chain`,
  );
  if (!ends) throw new Error("The activity log has lost the ends of its chain: activity_chain is empty.");
  return ends;
}

/**
 * Drops up to `limit` of the oldest sealed rows that are older than so many days, never the newest one, and moves the beginning of the
 * chain. Says what went; undefined when nothing did.
 */
export async function dropOldest(
  tx: Tx,
  { days, limit }: { days: number; limit: number },
): Promise<{ count: number; position: number; hash: string } | undefined> {
  if (!(await lockChainEnd(tx))) return undefined;
  const last = await tx.row<{ position: number; hash: string }>(
    `select position::float8 as position, encode(hash, 'hex') as hash from (
       select a.position, a.hash, a.occurred_at from activity as a, activity_chain as c
       where a.position >= c.first_position and a.position < c.position order by a.position limit $2
     ) as oldest where occurred_at < now() - make_interval(days => $1) order by position desc limit 1`,
    [days, limit],
  );
  if (!last) return undefined;
  await tx.run("select set_config('stoa.activity', 'trim', true)");
  await tx.run(
    "delete from activity_personal where sequence in (select sequence from activity where position <= $1)",
    [last.position],
  );
  const count = await tx.run("delete from activity where position <= $1", [last.position]);
  await tx.run("select set_config('stoa.activity', '', true)");
  await tx.run("update activity_chain set first_position = $1, anchor = decode($2, 'hex')", [
    last.position + 1,
    last.hash,
  ]);
  return { count, ...last };
}

/** Takes what is personal of somebody out; how many values there were. */
export async function deletePersonal(tx: Tx, person: string): Promise<number> {
  const row = await tx.row<{ gone: number }>("select erase_activity_of($1)::float8 as gone", [person]);
  return row?.gone ?? 0;
}

/** Whether the log says that somebody was erased. */
export async function hasErasure(db: Queryable, person: string): Promise<boolean> {
  const text = "select 1 from activity where action = 'activity.erase' and subject = $1 limit 1";
  return (await db.row(text, [person])) !== undefined;
}

/** Everybody of whom the log says so, with the first time. */
export async function listErasures(db: Queryable): Promise<{ person: string; erasedAt: Date }[]> {
  return await db.rows(
    `select subject as person, min(occurred_at) as "erasedAt" from activity where action = 'activity.erase'
     group by subject order by 2, 1`,
  );
}
