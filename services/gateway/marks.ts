import type { CallOptions } from "#platform/rpc/contract.ts";

/** What an answer may lack: a part that was left out, or one that is as it was a while ago. */
export type Lacking = "catalog" | "currency" | "recommendation" | "ad";

/** Says what is not as it should be in an answer: names with the age in seconds of what stands in, such as `catalog;age=37`. */
export const degradedHeader = "x-stoa-degraded";

/** Gathers while a request is answered what its answer lacks. */
export class Marks {
  readonly #lacking = new Map<Lacking, number | undefined>();

  /** Without an age the part is not there at all; of several ages the greatest counts. */
  add(part: Lacking, ageMs?: number): void {
    const known = this.#lacking.get(part);
    this.#lacking.set(part, ageMs === undefined ? known : Math.max(ageMs, known ?? 0));
  }

  /** Undefined when nothing lacks. */
  get header(): string | undefined {
    if (this.#lacking.size === 0) return undefined;
    return [...this.#lacking]
      .map(([part, ageMs]) => (ageMs === undefined ? part : `${part};age=${Math.round(ageMs / 1000)}`))
      .join(", ");
  }
}

/** A call made for a request: what it could not do as it should is told to whoever asked. */
export type MarkedCall = CallOptions & { readonly marks: Marks };
