// What a game day is made of.

/** How one kind of thing that people do went, over one phase. */
export interface Figures {
  readonly count: number;
  readonly failed: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Answers that said that something is missing or old (X-Stoa-Degraded). */
  readonly degraded: number;
  /** How often something was asked again with the same key. */
  readonly repeated: number;
}

/** What people do: look at pages, ask for suggestions, look at products over the API, buy. */
export const deeds = ["page", "suggestions", "product", "order"] as const;

export type Phase = { readonly [deed in (typeof deeds)[number]]: Figures };

/** All phases: before the fault, while it lasts, and after. */
export interface Phases {
  readonly steady: Phase;
  readonly fault: Phase;
  readonly after: Phase;
}

/** One thing that must hold. */
export interface Check {
  readonly sentence: string;
  readonly holds: (phases: Phases) => boolean;
}

export interface GameDay {
  /** As it is called on the command line. */
  readonly name: string;
  readonly title: string;
  readonly hypothesis: string;
  /** Rules of fault injection, without their end. */
  readonly faults: readonly {
    readonly where: string;
    readonly share: number;
    readonly [member: string]: unknown;
  }[];
  readonly secondsSteady: number;
  readonly secondsFault: number;
  /** That the fault was really felt: without it, the day says nothing. */
  readonly evidence: Check;
  readonly checks: readonly Check[];
}

/** The part of a phase's deeds that failed; a phase in which nothing was done has failed. */
export function failedShare({ count, failed }: Figures): number {
  return count === 0 ? 1 : failed / count;
}
