// Reading the activity log for people.
import type { Queryable } from "#platform/database/db.ts";

/** What entries are chosen by; null means any. */
export interface ActivityFilter {
  readonly actor: string | null;
  readonly action: string | null;
  readonly subject: string | null;
  readonly text: string | null;
  readonly from: Date | null;
  readonly until: Date | null;
  /** Only what comes before this place; null means from the newest. */
  readonly beforeMicros: bigint | null;
  readonly beforeSequence: bigint;
}

/** One entry as it is shown. */
export interface ListedActivity {
  readonly sequence: bigint;
  readonly micros: bigint;
  readonly actorKind: string;
  readonly actor: string;
  readonly action: string;
  readonly subjectKind: string;
  readonly subject: string;
  readonly beforeJson: string;
  readonly afterJson: string;
  readonly personal: { [name: string]: string };
  readonly erased: string[];
  readonly requestId: string;
  readonly traceId: string;
  readonly position: bigint;
  readonly hash: string;
}

/** So many entries are read at most to find a text in them. */
const scannedMax = 20_000;

/** Newest first. The work is bounded, whatever is asked for. */
export async function listActivity(
  db: Queryable,
  filter: ActivityFilter,
  limit: number,
): Promise<ListedActivity[]> {
  const scanned = filter.text === null ? limit : scannedMax;
  return await db.rows<ListedActivity>(
    `with chosen as materialized (
       select * from activity a
       where ($1::text is null or a.actor = $1 or a.actor_kind = $1)
         and ($2::text is null or a.action = $2)
         and ($3::text is null or a.subject = $3 or a.subject_kind = $3)
         and ($4::timestamptz is null or a.occurred_at >= $4) and ($5::timestamptz is null or a.occurred_at < $5)
         and ($6::bigint is null
           or (a.occurred_at, a.sequence) < (timestamptz 'epoch' + $6::bigint * interval '1 microsecond', $7::bigint))
       order by a.occurred_at desc, a.sequence desc limit $9),
     shown as (
       select c.*, coalesce(p.known, '{}'::jsonb) as known from chosen c
       left join lateral (
         select jsonb_object_agg(v.name, v.value) as known from activity_personal v where v.sequence = c.sequence) p on true)
     select sequence, (extract(epoch from occurred_at) * 1000000)::bigint as micros, actor_kind as "actorKind", actor, action,
       subject_kind as "subjectKind", subject, coalesce(before::text, '') as "beforeJson", coalesce(after::text, '') as "afterJson",
       known as personal, array(select n from jsonb_object_keys(personal) n where not known ? n order by n) as erased,
       coalesce(request_id, '') as "requestId", coalesce(trace_id, '') as "traceId", coalesce(position, 0)::bigint as position,
       coalesce(encode(hash, 'hex'), '') as hash
     from shown
     where $8::text is null or position(lower($8) in lower(concat_ws(' ', action, actor_kind, actor, subject_kind, subject, before::text,
       after::text, known::text, request_id, trace_id))) > 0
     order by occurred_at desc, sequence desc limit $10`,
    [
      filter.actor,
      filter.action,
      filter.subject,
      filter.from,
      filter.until,
      filter.beforeMicros,
      filter.beforeSequence,
      filter.text,
      scanned,
      limit,
    ],
  );
}
