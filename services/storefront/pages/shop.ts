import { redirect, type Answer, type Route } from "#platform/web/answer.ts";
import { pageNotFound, Refusal } from "../refusal.ts";
import type { Visit } from "../visit.ts";

/** Everything that is no page: the currency, files, and what machines ask for. */
export const shopRoutes: readonly Route<Visit>[] = [
  { method: "POST", url: "/setCurrency", page: setCurrency },
  { method: "GET", url: "/static/*", page: staticFile, isPlain: true },
  { method: "GET", url: "/files/*", page: keptFile, isPlain: true },
  {
    method: "GET",
    url: "/favicon.ico",
    page: (visit) => fileAnswer(visit, "img/favicon.svg"),
    isPlain: true,
  },
  { method: "GET", url: "/robots.txt", page: () => plainText("User-agent: *\nDisallow: /\n"), isPlain: true },
  { method: "GET", url: "/_healthz", page: () => plainText("ok"), isPlain: true },
];

async function setCurrency(visit: Visit): Promise<Answer> {
  const code = (visit.form.get("currency_code") ?? "").trim();
  const { currencies, shop } = visit.ctx;
  const known = await currencies.get(visit.caller).catch((): readonly string[] => [shop.currency]);
  if (!known.includes(code)) throw new Refusal(422, "currency");
  visit.chooseCurrency(code);
  return redirect(pathOfReferer(visit));
}

/** Back to the page of ours the form stood on; from anywhere else, home. A page that was posted cannot be gone back to. */
function pathOfReferer({ headers, hosts }: Visit): string {
  const { referer } = headers;
  const url = referer === undefined ? null : URL.parse(referer);
  const isOurs = url !== null && hosts.includes(url.host);
  if (!isOurs) return "/";
  return url.pathname.startsWith("/cart/") ? "/cart" : url.pathname + url.search;
}

function plainText(body: string): Answer {
  return { kind: "bytes", type: "text/plain; charset=utf-8", body };
}

function staticFile(visit: Visit): Answer {
  return fileAnswer(visit, visit.params["*"] ?? "");
}

const keptHeaders = ["etag", "cache-control", "content-security-policy"] as const;

/** A picture of a product: the API has it. Where both are one address, it answers itself. */
async function keptFile(visit: Visit): Promise<Answer> {
  const { api } = visit.ctx;
  const known = visit.headers["if-none-match"];
  const { status, header, body } = await api.sendWhole(
    "getFile",
    { path: { name: visit.params["*"] ?? "" } },
    visit.caller,
    known === undefined ? {} : { "if-none-match": known },
  );
  const headers = Object.fromEntries(keptHeaders.map((name) => [name, header(name) ?? ""]));
  const type = header("content-type") ?? "application/octet-stream";
  return { kind: "bytes", type, body: Buffer.from(body ?? []), status, headers };
}

function fileAnswer(visit: Visit, path: string): Answer {
  const answer = visit.ctx.files.answer(visit, path);
  if (!answer) throw pageNotFound("file");
  return answer;
}
