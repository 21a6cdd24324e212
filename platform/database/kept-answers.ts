// Idempotency keys: a request that is sent again is not done again, and gets the answer that the first one got.
import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type JsonValue,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import {
  appError,
  isKind,
  type AppError,
  type AppErrorOptions,
  type ErrorKind,
} from "#platform/kit/errors.ts";
import { actorName } from "#platform/auth/actor.ts";
import { requireIdempotencyKey } from "#platform/kit/idempotency-key.ts";
import { requestHash, type NamedValue } from "#platform/kit/request-hash.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { Database, Queryable, Tx } from "./db.ts";
import { sweepAll, type Job } from "./jobs.ts";

/** A request under a key. */
export interface KeyedRequest {
  /** Whose key it is: keys of different actors never meet. */
  readonly actor: string;
  readonly key: string;
  /** From requestHash, with the name of the operation among its values. */
  readonly requestHash: string;
  /** Becomes part of a refusal, so that its repeats are the same bytes. */
  readonly requestId: string;
}

/**
 * The call under the key that its request names; undefined for the empty one. `meaning` is the version for requestHash, such as
 * "refund-order.1", and begins with the operation, so that a key used for two operations of a service is a key used twice.
 */
export function keyedRequest(
  call: Pick<Call, "actor" | "service" | "requestId">,
  key: string,
  meaning: string,
  values: { readonly [name: string]: NamedValue },
): KeyedRequest | undefined {
  if (key === "") return undefined;
  const { requestId } = call;
  return { actor: actorName(call), key, requestHash: requestHash(meaning, values), requestId };
}

/** Where the effect opens its one transaction. */
export type Transactor = Pick<Database, "inTransaction">;

/** A piece of work in two halves, so that a crash between them loses nothing. */
export interface KeyedWork<Effect, Answer extends DescMessage> {
  readonly answer: Answer;
  /** Checks and changes. All that changes happens in one transaction of `within`, whose result is kept with the key. */
  readonly effect: (within: Transactor) => Promise<Effect>;
  /** What is said about the effect. May run again, after a crash or beside a twin; it may finish what the effect began. */
  readonly reply: (effect: Effect) => Promise<MessageInitShape<Answer>>;
}

/** Refusals that are an answer. Others say something about the form of the request or about the moment, and use up no key. */
const keptKinds: readonly ErrorKind[] = ["conflict", "precondition", "payment_required"];
/** How long one process may be at work on a reply before another one tries. */
const busySeconds = 5;

interface KeptRow {
  readonly requestHash: string;
  readonly effect: { readonly value: JsonValue } | null;
  readonly answer: Buffer | null;
  readonly refusal: KeptRefusal | null;
}

type KeptRefusal = Pick<AppError, "kind" | "reason" | "publicMessage" | "details"> & {
  readonly retryAfterSeconds?: number;
};

/**
 * Does the work once for each actor and key, and answers every repeat with the bytes of the first answer. The key commits with
 * the effect, so a crash leaves both or neither, and a repeat after one goes on where it stopped. Throws IDEMPOTENCY_KEY_REUSED
 * when the key stands for another request and REQUEST_IN_PROGRESS while the first is still at work. Without a key it just does
 * the work. What is kept is forgotten after thirty days (`forgetKeptAnswersJob`).
 */
export async function answerOnce<Effect extends JsonValue, Answer extends DescMessage>(
  db: Database,
  ask: KeyedRequest | undefined,
  work: KeyedWork<Effect, Answer>,
): Promise<MessageInitShape<Answer>> {
  if (!ask) return await work.reply(await work.effect(db));
  requireIdempotencyKey(ask.key, "idempotency_key");
  const known = await findKept(db, ask);
  if (known) return await repeated(db, ask, known, work);
  let effect: Effect;
  try {
    effect = await work.effect(keeping(db, ask));
  } catch (error) {
    if (error instanceof TwinError) return await repeated(db, ask, await getKept(db, ask), work);
    throw await keptRefusal(db, ask, error, "refused");
  }
  return await replied(db, ask, effect, work);
}

/** Job that forgets keys and answers after thirty days. */
export function forgetKeptAnswersJob(db: Database): Job {
  return {
    name: "forget-kept-answers",
    everyMs: 3_600_000,
    isExclusive: true,
    run: async (signal) =>
      await sweepAll(
        signal,
        async (size) =>
          await db.run(
            `delete from kept_answers where (actor, key) in
               (select actor, key from kept_answers where created_at < now() - interval '30 days' limit $1)`,
            [size],
          ),
      ),
  };
}

/**
 * Forgets what a person was answered, and answers to others in which they are named, but no key: what is sent again is still not done
 * again, and is answered from what there is now. `email` only where answers hold addresses: it reads all that are kept.
 */
export async function forgetAnswersAbout(
  tx: Queryable,
  { userId, email }: { readonly userId: string; readonly email?: string },
): Promise<void> {
  const names = [userId, email?.toLowerCase() ?? ""].filter((name) => name !== "");
  await tx.run(
    `update kept_answers set answer = null, busy_until = null
     where answer is not null and (actor = $1 or ($2 and lower(encode(answer, 'escape')) like any($3)))`,
    [userId, email !== undefined, names.map((name) => `%${escapedForLike(name)}%`)],
  );
}

function escapedForLike(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&");
}

/** A twin has committed under this key since we looked. */
class TwinError extends Error {}

/** The transaction that holds the effect holds the key too. */
function keeping(db: Database, ask: KeyedRequest): Transactor {
  return {
    inTransaction: async (work) =>
      await db.inTransaction(async (tx) => {
        await claim(tx, ask);
        const effect = await work(tx);
        await tx.run(
          `insert into kept_answers (actor, key, request_hash, effect, busy_until)
           values ($1, $2, $3, $4, now() + make_interval(secs => $5))`,
          [ask.actor, ask.key, ask.requestHash, JSON.stringify({ value: effect }), busySeconds],
        );
        return effect;
      }),
  };
}

async function claim(tx: Tx, ask: KeyedRequest): Promise<void> {
  const lock = await tx.row<{ isOurs: boolean }>(
    `select pg_try_advisory_xact_lock(hashtextextended($1, 7406572)) as "isOurs"`,
    [`${ask.actor} ${ask.key}`],
  );
  if (!lock?.isOurs) throw inProgress();
  // Whoever had the lock before us has committed or is gone.
  if (await findKept(tx, ask)) throw new TwinError();
}

async function repeated<Effect extends JsonValue, Answer extends DescMessage>(
  db: Database,
  ask: KeyedRequest,
  known: KeptRow,
  work: KeyedWork<Effect, Answer>,
): Promise<MessageShape<Answer>> {
  if (known.requestHash !== ask.requestHash)
    throw appError("precondition", "IDEMPOTENCY_KEY_REUSED", {
      publicMessage: "The key was used before with another request.",
    });
  if (known.refusal) throw refusalOf(known.refusal);
  if (known.answer) return fromBinary(work.answer, known.answer);
  await takeOver(db, ask);
  return await replied(db, ask, known.effect?.value as Effect, work);
}

/** The effect is there, its answer is not: whoever was at work on it may still be. */
async function takeOver(db: Database, ask: KeyedRequest): Promise<void> {
  const isOurs = await db.run(
    `update kept_answers set busy_until = now() + make_interval(secs => $3)
     where actor = $1 and key = $2 and answer is null and (busy_until is null or busy_until <= now())`,
    [ask.actor, ask.key, busySeconds],
  );
  if (isOurs === 1) return;
  throw inProgress();
}

async function replied<Effect, Answer extends DescMessage>(
  db: Database,
  ask: KeyedRequest,
  effect: Effect,
  work: KeyedWork<Effect, Answer>,
): Promise<MessageShape<Answer>> {
  let answer: Uint8Array;
  try {
    answer = toBinary(work.answer, create(work.answer, await work.reply(effect)));
  } catch (error) {
    // The next one need not wait for us. If this cannot be said now, the time for the work ends by itself.
    await db
      .run("update kept_answers set busy_until = null where actor = $1 and key = $2", [ask.actor, ask.key])
      .catch(() => undefined);
    throw await keptRefusal(db, ask, error, "done");
  }
  // The first answer is the answer, also of a twin that took over while we were slow.
  const kept = await db.row<{ answer: Buffer }>(
    `update kept_answers set answer = coalesce(answer, $3), busy_until = null where actor = $1 and key = $2
     returning answer`,
    [ask.actor, ask.key, Buffer.from(answer)],
  );
  return fromBinary(work.answer, kept?.answer ?? answer);
}

/**
 * The refusal as every repeat will get it; one that is no answer is what it was. One that came before the effect never covers
 * the effect of a twin.
 */
async function keptRefusal(
  db: Database,
  ask: KeyedRequest,
  error: unknown,
  stage: "refused" | "done",
): Promise<unknown> {
  if (!isKind(error, ...keptKinds) || ownReasons.has(error.reason)) return error;
  const { kind, reason, publicMessage, retryAfterSeconds } = error;
  const details = { ...error.details, requestId: ask.requestId };
  const refusal = { kind, reason, publicMessage, details, retryAfterSeconds };
  const row = await db.row<{ refusal: KeptRefusal }>(
    `insert into kept_answers as kept (actor, key, request_hash, refusal) values ($1, $2, $3, $4)
     on conflict (actor, key) do update set refusal = coalesce(kept.refusal, excluded.refusal), busy_until = null
       where kept.answer is null and kept.request_hash = excluded.request_hash and (kept.effect is null or $5)
     returning refusal`,
    [ask.actor, ask.key, ask.requestHash, JSON.stringify(refusal), stage === "done"],
  );
  return row ? refusalOf(row.refusal) : inProgress();
}

const ownReasons = new Set(["IDEMPOTENCY_KEY_REUSED", "REQUEST_IN_PROGRESS"]);

function refusalOf({ kind, reason, publicMessage, details, retryAfterSeconds }: KeptRefusal): AppError {
  const options: AppErrorOptions = { publicMessage, details };
  return appError(
    kind,
    reason,
    retryAfterSeconds === undefined ? options : { ...options, retryAfterSeconds },
  );
}

function inProgress(): AppError {
  return appError("conflict", "REQUEST_IN_PROGRESS", {
    publicMessage: "A request with this key is still running; ask again after Retry-After.",
    retryAfterSeconds: 1,
  });
}

const columns = `request_hash as "requestHash", effect, answer, refusal`;

async function findKept(
  db: Pick<Database, "row">,
  { actor, key }: KeyedRequest,
): Promise<KeptRow | undefined> {
  return await db.row<KeptRow>(`select ${columns} from kept_answers where actor = $1 and key = $2`, [
    actor,
    key,
  ]);
}

async function getKept(db: Database, ask: KeyedRequest): Promise<KeptRow> {
  const kept = await findKept(db, ask);
  if (!kept) throw inProgress();
  return kept;
}
