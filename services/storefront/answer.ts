import type { Html } from "./html.ts";
import type { Visit } from "./visit.ts";

/** What a page answers; the frame around it is added by the router. */
export type Answer = PageAnswer | RedirectAnswer | BytesAnswer;

export interface PageAnswer {
  readonly kind: "page";
  readonly title: string;
  readonly body: Html;
  readonly description?: string | undefined;
  readonly status?: number;
  readonly headers?: { readonly [name: string]: string };
}

export interface RedirectAnswer {
  readonly kind: "redirect";
  readonly to: string;
}

export interface BytesAnswer {
  readonly kind: "bytes";
  readonly body: string | Buffer;
  readonly type: string;
  readonly status?: number;
  readonly headers?: { readonly [name: string]: string };
}

export interface Route {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly page: (visit: Visit) => Promise<Answer> | Answer;
  /** A GET that changes something is refused to other sites like a form. */
  readonly changes?: boolean;
  /** Files and probes: no cookies, no frame, no session. */
  readonly isPlain?: boolean;
}

export function page(
  title: string,
  body: Html,
  rest: Omit<PageAnswer, "kind" | "title" | "body"> = {},
): Answer {
  return { kind: "page", title, body, ...rest };
}

/** 302 to a path of this origin. */
export function redirect(to: string): Answer {
  return { kind: "redirect", to: localPath(to) };
}

/** The path if it leads nowhere but to this origin, else the home page. */
export function localPath(path: string | null | undefined): string {
  return path !== null && path !== undefined && /^\/(?![/\\])[\x21-\x7e]*$/.test(path) ? path : "/";
}
