import type { Money } from "#gen/rest/types.ts";

export function isZero({ amount }: Money): boolean {
  return /^-?0*(\.0*)?$/.test(amount);
}
