/** Text that is HTML already: only `html` makes it. */
export class Html {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  toString(): string {
    return this.#text;
  }
}

const entities: { readonly [character: string]: string } = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** HTML in which every value is escaped, unless it was made by `html` itself; lists are joined. */
export function html(
  strings: TemplateStringsArray,
  ...values: (string | number | Html | readonly Html[])[]
): Html {
  const parts = strings.map((part, index) => part + escaped(values[index]));
  return new Html(parts.join(""));
}

function escaped(value: string | number | Html | readonly Html[] | undefined): string {
  if (value === undefined) return "";
  if (value instanceof Html) return value.toString();
  if (typeof value === "object") return value.map(escaped).join("");
  return String(value).replace(/[&<>"']/g, (character) => entities[character] ?? "");
}
