type Options = { readonly [name: string]: string };

/** Options as a shopper tells them apart: order, case and what cannot be seen make no difference. */
export function optionsKey(options: Options): string {
  const seen = Object.entries(options).map(([name, value]) => [seenAs(name), seenAs(value)] as const);
  return JSON.stringify(seen.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function seenAs(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/[\p{Default_Ignorable_Code_Point}\p{Cc}]/gu, "")
    .replace(/\s+/g, " ")
    .trim()
    .toLowerCase();
}

/** Indexes of those that have the options of one before them. */
export function repeatedOptions(all: readonly Options[]): number[] {
  const seen = new Set<string>();
  return all.flatMap((options, index) => {
    const key = optionsKey(options);
    if (seen.has(key)) return [index];
    seen.add(key);
    return [];
  });
}

export const repeatedOptionsText = "must differ from those of every other variant of the product";
