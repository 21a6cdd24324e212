import assert from "node:assert/strict";
import { it } from "node:test";
import { testDatabase } from "#platform/testing/databases.ts";
import { shipping } from "../service.ts";
import { forgetAddressesJob } from "./forget-addresses.ts";

const db = await testDatabase(shipping);

it("the addresses of parcels that arrived or were cancelled go after the days of the setting, and never one that is still needed", async () => {
  await db.run(
    `insert into shipments (order_id, status, tracking_number, country, address, updated_at)
     select gen_random_uuid(), status, 'ST' || gen_random_uuid(), 'US', '{"line1": "1 Main Street"}', now() - make_interval(days => age)
     from unnest(array['label_created', 'in_transit', 'delivered', 'cancelled']) as status, unnest(array[20, 40]) as age,
       generate_series(1, 600)`,
  );
  await forgetAddressesJob({ db, config: { SHIPPING_RETENTION_DAYS: 30 } }).run(new AbortController().signal);
  const kept = await db.rows(
    `select status, count(*)::int as count, bool_or(updated_at < now() - interval '30 days') as "hasOld"
     from shipments where address is not null group by 1 order by 1`,
  );
  assert.deepEqual(kept, [
    { status: "cancelled", count: 600, hasOld: false },
    { status: "delivered", count: 600, hasOld: false },
    { status: "in_transit", count: 1_200, hasOld: true },
    { status: "label_created", count: 1_200, hasOld: true },
  ]);
  const all = await db.row<{ count: number }>(
    "select count(*)::int as count from shipments where country = 'US'",
  );
  assert.equal(all?.count, 4_800);
});
