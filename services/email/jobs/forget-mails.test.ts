import assert from "node:assert/strict";
import { it } from "node:test";
import type { AnyService } from "#platform/kit/service.ts";
import { testDatabase } from "#platform/testing/databases.ts";
import { email } from "../service.ts";
import { forgetMailsJob } from "./forget-mails.ts";

const db = await testDatabase(email as unknown as AnyService);

it("mails are forgotten after the days of the setting, with all they say, but never one that is still to be sent", async () => {
  await db.run(
    `insert into mails (id, order_id, template, recipient, subject, html, text, status, created_at)
     select gen_random_uuid(), format('%s-%s', status, number), 'order-confirmation', 'ada@example.com', 'Hello', '', '', status,
            now() - make_interval(days => age)
     from unnest(array['sent', 'kept', 'failed', 'queued']) as status, unnest(array[20, 40]) as age, generate_series(age * 1000, age * 1000 + 300) as number`,
  );
  await forgetMailsJob(db, 30).run(new AbortController().signal);
  const left = await db.rows(
    `select status, count(*)::int as count, bool_or(created_at < now() - interval '30 days') as "hasOld"
     from mails where recipient <> '' and forgotten_at is null group by 1 order by 1`,
  );
  assert.deepEqual(left, [
    { status: "failed", count: 301, hasOld: false },
    { status: "kept", count: 301, hasOld: false },
    { status: "queued", count: 602, hasOld: true },
    { status: "sent", count: 301, hasOld: false },
  ]);
});
