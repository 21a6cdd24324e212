import assert from "node:assert/strict";
import { test } from "node:test";
import { CreateProductResponseSchema } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { systemClock } from "#platform/kit/clock.ts";
import { AppError, appError, isReason } from "#platform/kit/errors.ts";
import { newId } from "#platform/kit/ids.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { testCall } from "#platform/testing/call.ts";
import { testDatabaseUrl } from "#platform/testing/databases.ts";
import { openDatabase } from "./db.ts";
import { answerOnce, forgetAnswersAbout, forgetKeptAnswersJob, keyedRequest } from "./kept-answers.ts";
import { migrate, platformMigrations, readMigrations } from "./migrate.ts";

const url = await testDatabaseUrl("kept_answers");
await migrate(url, await readMigrations("platform", platformMigrations));
const db = openDatabase({ url, name: "test", connectionsMax: 10, clock: systemClock, log: silentLog });
test.after(async () => await db.close());
await db.run("create table deeds (id uuid primary key, key text not null)");

const caller = testCall({ userId: newId() });
const asked = (key: string, values = {}) => keyedRequest(caller, key, "test.1", values);
const deedsOf = async (key: string) => (await db.rows("select 1 from deeds where key = $1", [key])).length;

interface Half {
  readonly before?: () => Promise<void>;
  readonly inside?: () => Promise<void>;
  readonly reply?: (id: string) => Promise<string>;
}

/** A deed that is counted, and an answer that names it. */
async function act(key: string, { before, inside, reply }: Half = {}, values = {}): Promise<string> {
  const { product } = await answerOnce(db, asked(key, values), {
    answer: CreateProductResponseSchema,
    effect: async (within) => {
      await before?.();
      return await within.inTransaction(async (tx) => {
        const id = newId();
        await tx.run("insert into deeds (id, key) values ($1, $2)", [id, key]);
        await inside?.();
        return id;
      });
    },
    reply: async (id) => ({ product: { id, name: (await reply?.(id)) ?? "" } }),
  });
  return `${product?.id} ${product?.name}`;
}

test("the deed is done once and its first answer is every answer, whatever would be said today", async () => {
  const first = await act("once", { reply: () => Promise.resolve("as it was") });
  assert.equal(await act("once", { reply: () => Promise.resolve("as it is") }), first);
  assert.equal(await deedsOf("once"), 1);
});

test("another request under the key is refused, and the key of another actor is another key", async () => {
  await act("mine", {}, { a: 1 });
  await assert.rejects(act("mine", {}, { a: 2 }), (error) => isReason(error, "IDEMPOTENCY_KEY_REUSED"));
  const other = keyedRequest(testCall({ userId: newId() }), "mine", "test.1", { a: 2 });
  assert.notEqual(other?.actor, asked("mine")?.actor);
});

test("while the deed is being done, and while its answer is being made, a twin hears that it is under way", async () => {
  for (const half of ["inside", "reply"] as const) {
    const reached = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const wait = async () => {
      reached.resolve();
      await goOn.promise;
      return "";
    };
    const key = `busy ${half}`;
    const first = act(key, { [half]: wait });
    await reached.promise;
    await assert.rejects(act(key), (error: AppError) => {
      assert.deepEqual([error.reason, error.retryAfterSeconds], ["REQUEST_IN_PROGRESS", 1]);
      return true;
    });
    goOn.resolve();
    const answer = await first;
    assert.equal(await act(key), answer);
    assert.equal(await deedsOf(key), 1);
  }
});

test("a process that dies between deed and answer leaves both halves: another one goes on when its time is over", async () => {
  const key = "killed";
  const never = new Promise<string>(() => undefined);
  const reached = Promise.withResolvers<void>();
  void act(key, { reply: () => (reached.resolve(), never) });
  await reached.promise;
  await assert.rejects(act(key), (error) => isReason(error, "REQUEST_IN_PROGRESS"));
  await db.run("update kept_answers set busy_until = now() - interval '1 second' where key = $1", [key]);
  const answer = await act(key);
  const [deed] = await db.rows<{ id: string }>("select id from deeds where key = $1", [key]);
  assert.equal(answer, `${deed?.id} `);
  assert.equal(await deedsOf(key), 1);
});

test("of two that make the answer at once, because one was slow, the first to keep it is believed by both", async () => {
  const key = "slow";
  const goOn = Promise.withResolvers<string>();
  const reached = Promise.withResolvers<void>();
  const slow = act(key, { reply: () => (reached.resolve(), goOn.promise) });
  await reached.promise;
  await db.run("update kept_answers set busy_until = null where key = $1", [key]);
  const fast = await act(key, { reply: () => Promise.resolve("fast") });
  goOn.resolve("slow");
  assert.equal(await slow, fast);
});

test("a refusal that is an answer is kept word for word; it undid the deed", async () => {
  const refuse = (detail: number) => ({
    inside: () =>
      Promise.reject(appError("conflict", "TAKEN", { publicMessage: "No.", details: { detail } })),
  });
  const caught = async (detail: number) =>
    await act("refused", refuse(detail)).catch((error: AppError) => error);
  const [first, again] = [await caught(1), await caught(2)];
  assert.ok(first instanceof AppError && again instanceof AppError);
  assert.deepEqual(again.details, first.details);
  assert.deepEqual(again.details, { detail: 1, requestId: caller.requestId });
  assert.equal(await deedsOf("refused"), 0);
});

test("a failure of the moment or of the form uses up no key, before the deed and after it", async () => {
  for (const kind of ["invalid", "unavailable", "not_found", "internal"] as const) {
    for (const half of ["before", "inside", "reply"] as const) {
      const key = `${kind} ${half}`;
      await assert.rejects(act(key, { [half]: () => Promise.reject(appError(kind, "PASSING")) }), {
        reason: "PASSING",
      });
      await act(key);
      assert.equal(await deedsOf(key), 1, key);
    }
  }
});

test("a refusal before the deed never covers the deed of a twin", async () => {
  const key = "overtaken";
  const act2 = act(key, {
    before: async () => {
      await act(key);
      await db.run("update kept_answers set answer = null where key = $1", [key]);
      throw appError("conflict", "TAKEN");
    },
  });
  await assert.rejects(act2, (error) => isReason(error, "REQUEST_IN_PROGRESS"));
  await act(key);
  assert.equal(await deedsOf(key), 1);
});

test("twenty at once do it once", async () => {
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => act("twenty")));
  for (const outcome of outcomes)
    if (outcome.status === "rejected") assert.ok(isReason(outcome.reason, "REQUEST_IN_PROGRESS"));
  assert.equal(await deedsOf("twenty"), 1);
});

test("without a key nothing is kept; a key that PostgreSQL could not hold is refused", async () => {
  await act("");
  assert.equal(await deedsOf(""), 1);
  assert.equal((await db.rows("select 1 from kept_answers where key = ''")).length, 0);
  for (const key of ["a\0b", "x".repeat(256), "\u00e9"])
    await assert.rejects(act(key), (error) => isReason(error, "VALIDATION_FAILED"));
});

test("keys are forgotten after thirty days, not before", async () => {
  await act("young");
  await act("old");
  await db.run("update kept_answers set created_at = now() - interval '31 days' where key = 'old'");
  await db.run("update kept_answers set created_at = now() - interval '29 days' where key = 'young'");
  await forgetKeptAnswersJob(db).run(new AbortController().signal);
  const kept = await db.rows("select key from kept_answers where key in ('old', 'young')");
  assert.deepEqual(kept, [{ key: "young" }]);
});

test("a person is forgotten in what they were answered and in answers that name them, and nothing is done again", async () => {
  const named = async (key: string, name: string) => await act(key, { reply: () => Promise.resolve(name) });
  await named("about", "for Ada_L@Example.com, at once");
  await named("other", "for adaXl@example.com");
  const answered = async () =>
    (
      await db.rows<{ key: string }>(
        "select key from kept_answers where key in ('about', 'other') and answer is not null order by key",
      )
    ).map(({ key }) => key);
  await forgetAnswersAbout(db, { userId: newId(), email: "ada_l@example.com" });
  assert.deepEqual(await answered(), ["other"]);
  assert.match(await named("about", "as it is"), / as it is$/);
  assert.equal(await deedsOf("about"), 1);
  await forgetAnswersAbout(db, { userId: "" });
  assert.deepEqual(await answered(), ["about", "other"]);
  await forgetAnswersAbout(db, { userId: asked("x")?.actor ?? "" });
  assert.deepEqual(await answered(), []);
});
