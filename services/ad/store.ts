import type { Queryable } from "#platform/database/db.ts";
import type { Ad } from "./ad.ts";

const adsMax = 1_000;

/** The ads that are shown, newest first. */
export async function listActiveAds(db: Queryable): Promise<Ad[]> {
  return await db.rows<Ad>(
    `select id, text, redirect_url as "redirectUrl", image_url as "imageUrl",
       array(select lower(key) from unnest(context_keys) as key) as "contextKeys"
     from ads where is_active order by created_at desc, id limit $1`,
    [adsMax],
  );
}

/** Adds an ad unless it is there, also switched off. */
export async function insertAd(
  db: Queryable,
  { id, text, redirectUrl, imageUrl, contextKeys }: Ad,
): Promise<void> {
  await db.run(
    `insert into ads (id, text, redirect_url, image_url, context_keys) values ($1, $2, $3, $4, $5)
     on conflict (id) do nothing`,
    [id, text, redirectUrl, imageUrl, contextKeys],
  );
}

export async function addClick(db: Queryable, adId: string, at: Date): Promise<void> {
  await db.run(
    `insert into ad_clicks (ad_id, clicked_on, clicks) values ($1, $2, 1)
     on conflict (ad_id, clicked_on) do update set clicks = ad_clicks.clicks + 1`,
    [adId, at.toISOString().slice(0, 10)],
  );
}
