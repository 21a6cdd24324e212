import { page, type Answer, type Route } from "#platform/web/answer.ts";
import { ListAddress } from "#platform/web/table.ts";
import { readActivity } from "../ops/activity.ts";
import { noStore } from "../router.ts";
import { activityView } from "../views/activity.ts";
import type { AdminVisit } from "../visit.ts";

export const activityRoutes: readonly Route<AdminVisit>[] = [
  { method: "GET", url: "/activity", page: activityPage },
];

const choices = ["service", "actor", "action", "subject", "text", "from", "until", "cursor"] as const;

async function activityPage(visit: AdminVisit): Promise<Answer> {
  await visit.requireStaff();
  const query = new URLSearchParams(
    choices.flatMap((name): [string, string][] => {
      const value = (visit.query.get(name) ?? "").trim().slice(0, 200);
      return value === "" ? [] : [[name, value]];
    }),
  );
  const address = new ListAddress("/admin/activity", query);
  const { from, until, ...rest } = Object.fromEntries(query);
  const activity = await readActivity(visit.ctx, { ...rest, from: dayOf(from, 0), until: dayOf(until, 1) });
  const body = activityView(visit.words, { address, activity });
  return page(visit.words.text("activity.heading"), body, { headers: noStore });
}

const dayMs = 86_400_000;

/** A day as a date field sends it, in UTC; undefined for anything else. */
function dayOf(text: string | undefined, later: number): Date | undefined {
  if (text === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(ms) ? undefined : new Date(ms + later * dayMs);
}
