// What came of the last look at the rules that always hold, in the process that looks.

/** One rule, and how often it is broken. */
export interface CheckedRule {
  readonly id: string;
  /** What holds. */
  readonly sentence: string;
  readonly violations: number;
}

/** One look at all rules. */
export interface CheckedRules {
  /** Unix time of its end. */
  readonly checkedAtMs: number;
  /** How often somebody looks. */
  readonly everyMs: number;
  readonly rules: readonly CheckedRule[];
}

let last: CheckedRules | undefined;

/** Remembers a look, for whoever watches the shop. */
export function tellCheckedRules(checked: CheckedRules): void {
  last = checked;
}

/** The last look of this process; undefined where nobody looks here, or has not come to an end yet. */
export function checkedRules(): CheckedRules | undefined {
  return last;
}
