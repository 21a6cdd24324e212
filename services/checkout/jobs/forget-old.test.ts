import assert from "node:assert/strict";
import { it } from "node:test";
import { readConfig } from "#platform/kit/config.ts";
import { newId } from "#platform/kit/ids.ts";
import type { AnyService } from "#platform/kit/service.ts";
import { testDatabase } from "#platform/testing/databases.ts";
import { CheckoutConfig } from "../config.ts";
import { checkout } from "../service.ts";
import { forgetOldJob } from "./forget-old.ts";

const db = await testDatabase(checkout as unknown as AnyService);
const config = readConfig(CheckoutConfig, { CHECKOUT_RETENTION_DAYS: "40" });

/** So many attempts of this status and age, in one statement. */
async function attempts(status: string, days: number, count: number): Promise<void> {
  await db.run(
    `insert into checkouts (id, user_id, payment_id, status, purchase, outcome, owner, lease_until, created_at)
     select gen_random_uuid(), $1, gen_random_uuid(), $2, '{"email": "ada@example.com"}',
            case when $2 in ('completed', 'refused') then '{}'::jsonb end, 'test', now(), now() - make_interval(days => $3)
     from generate_series(1, $4)`,
    [newId(), status, days, count],
  );
}

it("attempts to buy are forgotten after the days of the setting, in batches, and only once they have ended", async () => {
  await attempts("completed", 41, 700);
  await attempts("refused", 41, 300);
  await attempts("running", 41, 1);
  await attempts("undoing", 41, 1);
  await attempts("completed", 39, 2);
  await forgetOldJob({ db, config }).run(new AbortController().signal);
  const left = await db.rows("select status, count(*)::int as count from checkouts group by 1 order by 1");
  assert.deepEqual(left, [
    { status: "completed", count: 2 },
    { status: "running", count: 1 },
    { status: "undoing", count: 1 },
  ]);
});
