import type { Precedence } from "#platform/http/gate.ts";
import type { Html } from "./html.ts";

/** What a page answers; the frame around it, cookies and security headers are added by the router. */
export type Answer = PageAnswer | RedirectAnswer | BytesAnswer | LiveAnswer;

/** A page of HTML: its title and what stands in its middle. */
export interface PageAnswer {
  readonly kind: "page";
  readonly title: string;
  readonly body: Html;
  readonly description?: string | undefined;
  /** Path under which the page is to be known, whatever it was asked by. */
  readonly canonical?: string;
  readonly status?: number;
  readonly headers?: { readonly [name: string]: string };
}

/** Leads on to another page of this origin. */
export interface RedirectAnswer {
  readonly kind: "redirect";
  readonly to: string;
  /** 303 where a form has done its work and what it made is looked at next. */
  readonly status: 302 | 303;
  readonly headers?: { readonly [name: string]: string };
}

/** Anything that is no page: a file, a line of text, a document in a frame. */
export interface BytesAnswer {
  readonly kind: "bytes";
  readonly body: string | Buffer;
  readonly type: string;
  readonly status?: number;
  readonly headers?: { readonly [name: string]: string };
}

/** One element of a page that is sent again whenever it has changed, until either side ends it. */
export interface LiveAnswer {
  readonly kind: "live";
  readonly first: Html;
  /** The element as it is now. When it throws, the stream ends and the browser asks again. */
  readonly next: () => Promise<Html>;
}

/** One path and what makes its answer; a visit is one request, of the type the site chose. */
export interface Route<Visit> {
  readonly method: "GET" | "POST";
  /** As Fastify writes it, `:id` for a part; below the prefix of the site. */
  readonly url: string;
  readonly page: (visit: Visit) => Promise<Answer> | Answer;
  /** Whose turn it is where not all can be served; absent: that of the site. */
  readonly precedence?: Precedence;
  /** A GET that changes something is refused to other sites like a form. */
  readonly changes?: boolean;
  /** Files and probes: no cookies, no frame, no session. */
  readonly isPlain?: boolean;
}

/** A page with this title and body; status 200 unless said otherwise. */
export function page(
  title: string,
  body: Html,
  rest: Omit<PageAnswer, "kind" | "title" | "body"> = {},
): Answer {
  return { kind: "page", title, body, ...rest };
}

/** To a path of this origin. */
export function redirect(
  to: string,
  status: RedirectAnswer["status"] = 302,
  headers: RedirectAnswer["headers"] = {},
): Answer {
  return { kind: "redirect", to: localPath(to), status, headers };
}

/** The path if it leads nowhere but to this origin, else the home page. */
export function localPath(path: string | null | undefined): string {
  return path !== null && path !== undefined && /^\/(?![/\\])[\x21-\x7e]*$/.test(path) ? path : "/";
}
