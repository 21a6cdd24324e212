// The admin as a site of pages: what stands around them, and what is said when one cannot be shown.
import { ApiProblem } from "#gen/rest/rest-client.ts";
import { localPath, page, redirect, type Answer, type PageAnswer, type Route } from "#platform/web/answer.ts";
import type { Site } from "#platform/web/router.ts";
import type { AdminContext } from "./context.ts";
import { Refusal, refusalOf, SignInNeeded } from "./refusal.ts";
import { documentView } from "./views/document.ts";
import { refusalView } from "./views/refusal.ts";
import { AdminVisit } from "./visit.ts";

/** Nothing comes from another origin, not even a picture; mails stand in frames with a policy of their own. */
const policy = [
  "default-src 'none'",
  "img-src 'self'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "frame-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

export function adminSite(ctx: AdminContext, routes: readonly Route<AdminVisit>[]): Site<AdminVisit> {
  return {
    routes: [...routes, { method: "GET", url: "/static/*", page: staticFile, isPlain: true }],
    prefix: "/admin",
    precedence: "always",
    policy,
    hstsSeconds: ctx.config.ADMIN_HSTS_SECONDS,
    live: ctx.live,
    visit: (request) => new AdminVisit(ctx, request),
    frame: documentView,
    refuse,
    notFound: (visit) => refuse(visit, new Refusal(404, "notFound")),
  };
}

/** What a page shows to one of the staff belongs to them alone. */
export const noStore = { "cache-control": "private, no-store" };

function staticFile(visit: AdminVisit): Answer {
  const answer = visit.ctx.files.answer(visit, visit.params["*"] ?? "");
  if (!answer) throw new Refusal(404, "notFound");
  return answer;
}

function refuse(visit: AdminVisit, error: unknown): Answer {
  if (error instanceof SignInNeeded) {
    const query = visit.query.size === 0 ? "" : `?${visit.query.toString()}`;
    return redirect(`/admin/login?next=${encodeURIComponent(localPath(visit.path + query))}`);
  }
  const refusal = refusalOf(error);
  const facts = { err: error, requestId: visit.requestId, path: visit.path };
  if (refusal.status === 500)
    visit.ctx.log.error(facts, "An admin page failed with an error nobody expected.");
  else if (error instanceof ApiProblem && error.code === "API_UNREACHABLE")
    visit.ctx.log.warn(facts, "An admin page was not made because the API does not answer.");
  const headers: PageAnswer["headers"] = {
    ...noStore,
    ...(refusal.retryAfterSeconds === undefined ? {} : { "retry-after": String(refusal.retryAfterSeconds) }),
  };
  return page(refusal.heading(visit.words), refusalView(visit, refusal), { status: refusal.status, headers });
}
