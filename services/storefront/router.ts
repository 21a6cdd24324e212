// The storefront as a site of pages: what stands around them, and what is said when one cannot be shown.
import { ApiProblem } from "#gen/rest/rest-client.ts";
import { localPath, page, redirect, type Answer, type PageAnswer, type Route } from "#platform/web/answer.ts";
import { strictPolicy, type Site } from "#platform/web/router.ts";
import type { StorefrontContext } from "./context.ts";
import { pageNotFound, refusalOf, SignInNeeded } from "./refusal.ts";
import { documentView } from "./views/document.ts";
import { refusalView } from "./views/refusal.ts";
import { Visit } from "./visit.ts";

export function storefrontSite(ctx: StorefrontContext, routes: readonly Route<Visit>[]): Site<Visit> {
  return {
    routes,
    prefix: "",
    policy: strictPolicy,
    hstsSeconds: ctx.config.STOREFRONT_HSTS_SECONDS,
    visit: (request) => new Visit(ctx, request),
    prepare: async (visit) => await visit.settleCurrency(),
    frame: documentView,
    leftOut: (visit) => visit.leftOut,
    refuse,
    notFound: (visit) => refuse(visit, pageNotFound()),
  };
}

function refuse(visit: Visit, error: unknown): Answer {
  if (error instanceof SignInNeeded)
    return redirect(`/account/login?next=${encodeURIComponent(localPath(visit.path))}`);
  const refusal = refusalOf(error);
  const facts = { err: error, requestId: visit.requestId, path: visit.path };
  if (refusal.status === 500) visit.ctx.log.error(facts, "A page failed with an error nobody expected.");
  else if (error instanceof ApiProblem && error.code === "API_UNREACHABLE")
    visit.ctx.log.warn(facts, "A page was not made because the API does not answer.");
  else if (refusal.status > 500)
    visit.ctx.log.debug(facts, "A page was not made because a part of the shop is not there.");
  const headers: PageAnswer["headers"] =
    refusal.retryAfterSeconds === undefined ? {} : { "retry-after": String(refusal.retryAfterSeconds) };
  return page(refusal.heading(visit.look.words), refusalView(visit, refusal), {
    status: refusal.status,
    headers,
  });
}
