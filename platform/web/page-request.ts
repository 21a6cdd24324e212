import type { HttpRequest } from "#platform/http/server.ts";
import type { TraceContext } from "#platform/telemetry/trace.ts";
import { Cookies } from "./cookies.ts";
import type { Visitor } from "./visitor.ts";

/**
 * One request for a page, as pages read it: path, query, form and cookies. Sites extend it with whoever visits. Bodies are forms
 * or nothing; a field that is absent is absent, never undefined text.
 */
export class PageRequest {
  readonly requestId: string;
  readonly trace: TraceContext;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly params: { readonly [name: string]: string | undefined };
  readonly form: URLSearchParams;
  readonly headers: HttpRequest["headers"];
  readonly cookies: Cookies;
  /** The hosts, with their ports, under which this visitor knows the shop. */
  readonly hosts: readonly string[];

  constructor(request: HttpRequest, { isSecure, hosts }: Pick<Visitor, "isSecure" | "hosts">) {
    this.hosts = hosts;
    this.requestId = request.id;
    this.trace = request.trace;
    this.method = request.method;
    this.headers = request.headers;
    this.path = request.url.split("?")[0] ?? "/";
    this.query = new URLSearchParams(request.url.split("?").slice(1).join("?"));
    this.params = (request.params ?? {}) as { [name: string]: string };
    this.form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
    this.cookies = new Cookies(request.headers.cookie, isSecure);
  }
}
