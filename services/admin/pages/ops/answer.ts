import { page, type Answer } from "#platform/web/answer.ts";
import { noStore } from "../../router.ts";
import { opsFrameView, opsPartsView, type OpsFrameParts } from "../../views/ops/frame.ts";
import type { AdminVisit } from "../../visit.ts";

/** Sent by ops.js, which wants what has changed and not the frame around it. */
const partHeader = "x-stoa-part";

export function opsAnswer(visit: AdminVisit, parts: OpsFrameParts, status = 200): Answer {
  if (visit.headers[partHeader] === "1")
    return {
      kind: "bytes",
      type: "text/html; charset=utf-8",
      body: opsPartsView(parts.parts).text,
      headers: { ...noStore, vary: partHeader },
    };
  const headers = { ...noStore, vary: partHeader };
  return page(parts.heading, opsFrameView(visit.words, parts), { status, headers });
}

/** What a page can do without, because part of the shop may be away when it is looked at. */
export async function optional<T>(asked: Promise<T>): Promise<T | undefined> {
  return await asked.catch(() => undefined);
}
