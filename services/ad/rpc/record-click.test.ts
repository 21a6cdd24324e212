import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { RecordClickRequestSchema } from "#gen/stoa/ad/v1/ad_pb.js";
import { systemClock } from "#platform/kit/clock.ts";
import { openDatabase } from "#platform/database/db.ts";
import { isReason } from "#platform/kit/errors.ts";
import { newId } from "#platform/kit/ids.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { testCall } from "#platform/testing/call.ts";
import { testDatabase } from "#platform/testing/databases.ts";
import { AdRotation, houseAd } from "../ad.ts";
import type { AdContext } from "../context.ts";
import { loadAds, seedAds } from "../jobs/load-ads.ts";
import { ad } from "../service.ts";
import { recordClick } from "./record-click.ts";

const db = await testDatabase(ad);
const ctx: AdContext = { db, clock: systemClock, log: silentLog, hasDemo: true, rotation: new AdRotation() };
await seedAds(ctx);
const click = async (adId: string, context = ctx) =>
  await recordClick(context, create(RecordClickRequestSchema, { adId }), testCall());
const clicksOf = async (adId: string) =>
  (await db.row<{ clicks: bigint }>("select clicks from ad_clicks where ad_id = $1", [adId]))?.clicks;

test("a click tells where the ad leads, and clicks at once are all counted", async () => {
  const [shown = houseAd] = ctx.rotation.next(["footwear"], 1);
  const answers = await Promise.all(Array.from({ length: 20 }, () => click(shown.id)));
  assert.deepEqual(new Set(answers.map(({ redirectUrl }) => redirectUrl)), new Set([shown.redirectUrl]));
  assert.equal(await clicksOf(shown.id), 20n);
});

test("the house ad can be followed too", async () => {
  assert.equal((await click(houseAd.id)).redirectUrl, "/");
  assert.equal(await clicksOf(houseAd.id), 1n);
});

test("an unknown ad and one that was switched off are AD_NOT_FOUND", async () => {
  const isMissing = (error: unknown) => isReason(error, "AD_NOT_FOUND") && error.kind === "not_found";
  for (const adId of [newId(), "", "1; drop table ads"]) await assert.rejects(click(adId), isMissing);
  const [shown = houseAd] = ctx.rotation.next(["hair"], 1);
  await db.run("update ads set is_active = false where id = $1", [shown.id]);
  await loadAds(ctx);
  await assert.rejects(click(shown.id), isMissing);
  await seedAds(ctx);
  await assert.rejects(click(shown.id), isMissing, "a switched-off demo ad stays off at the next start");
});

test("a click leads on although the database is away", async () => {
  const url = "postgres://127.0.0.1:1/nowhere";
  const away = openDatabase({ url, name: "ad", connectionsMax: 1, clock: systemClock, log: silentLog });
  const [shown = houseAd] = ctx.rotation.next(["decor"], 1);
  assert.equal((await click(shown.id, { ...ctx, db: away })).redirectUrl, shown.redirectUrl);
});
