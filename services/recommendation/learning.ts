import { createHash } from "node:crypto";
import type { Tx } from "#platform/database/db.ts";
import { learn, noLessons, type Deed } from "./co-occurrence.ts";
import { findVisits, lockLearning, saveLessons } from "./store.ts";

/** Visitors are told apart, not known: only a hash of whatever names them is ever kept. */
export function sessionOf(sessionKey: string): string {
  return createHash("sha256").update("stoa.recommendation").update("\0").update(sessionKey).digest("hex");
}

/** Adds a batch of deeds to the counts, as part of `tx`: five statements, however many deeds. */
export async function learnDeeds(tx: Tx, deeds: readonly Deed[]): Promise<void> {
  await lockLearning(tx);
  const visits = await findVisits(tx, [...new Set(deeds.map(({ session }) => session))]);
  const lessons = noLessons();
  for (const deed of deeds) {
    const visit = visits.get(deed.session) ?? new Map<string, number>();
    visits.set(deed.session, visit);
    learn(lessons, visit, deed);
  }
  if (lessons.products.size > 0) await saveLessons(tx, lessons);
}
