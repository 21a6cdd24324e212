import type { Job } from "#platform/database/jobs.ts";
import type { AdContext } from "../context.ts";
import { demoAds } from "../demo-ads.ts";
import { insertAd, listActiveAds } from "../store.ts";

/** Every process shows what the database says, at most half a minute late. */
export function loadAdsJob(ctx: AdContext): Job {
  return { name: "load-ads", everyMs: 30_000, isExclusive: false, run: async () => await loadAds(ctx) };
}

export async function loadAds({ db, rotation }: AdContext): Promise<void> {
  rotation.replace(await listActiveAds(db));
}

export async function seedAds(ctx: AdContext): Promise<void> {
  if (ctx.hasDemo) for (const ad of demoAds) await insertAd(ctx.db, ad);
  await loadAds(ctx);
}
