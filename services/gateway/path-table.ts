// Which methods a path has: for 405, for Allow and for the test that compares routes with the OpenAPI document.
import type { AnyEndpoint } from "./endpoint.ts";

interface PathEntry {
  readonly path: string;
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/** Methods that a route of ours can refuse by name; others find no route anyway. */
const refusable = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];

export class PathTable {
  readonly #entries: PathEntry[];

  constructor(endpoints: readonly AnyEndpoint[]) {
    const byPath = new Map<string, Set<string>>();
    for (const { path, method } of endpoints) {
      const methods = byPath.get(path) ?? new Set();
      methods.add(method);
      if (method === "GET") methods.add("HEAD");
      byPath.set(path, methods);
    }
    this.#entries = [...byPath]
      .map(([path, methods]) => ({ path, pattern: patternOf(path), methods }))
      // Paths without parameters come first, as they do in the router.
      .sort((a, b) => parametersOf(a.path) - parametersOf(b.path));
  }

  /** The methods of a concrete path, or undefined when there is none such. */
  methodsOf(path: string): string[] | undefined {
    const entry = this.#entries.find(({ pattern }) => pattern.test(path));
    return entry && [...entry.methods].sort();
  }

  /** Methods that must be refused by routes of their own, by path. */
  wrongMethods(): { path: string; methods: string[] }[] {
    return this.#entries.flatMap(({ path, methods }) => {
      const isOurs = path.startsWith("/api/");
      const caught = this.#entries.filter((other) => other.path !== path && other.pattern.test(path));
      const wrong = refusable.filter(
        (method) => !methods.has(method) && (!isOurs || caught.some((other) => other.methods.has(method))),
      );
      return wrong.length > 0 && (caught.length > 0 || !isOurs) ? [{ path, methods: wrong }] : [];
    });
  }
}

function patternOf(path: string): RegExp {
  const parts = path.split("/").map((part) => (part.startsWith(":") ? "[^/]+" : part.replaceAll(".", "\\.")));
  return new RegExp(`^${parts.join("/")}$`);
}

function parametersOf(path: string): number {
  return path.split(":").length - 1;
}
