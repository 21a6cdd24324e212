/** Reads the books of any service. Nothing else in the project reads more than one service's tables. */
export interface Books {
  rows<Row extends object>(service: string, text: string, values?: readonly unknown[]): Promise<Row[]>;
}

/** What an audit looks at. */
export interface AuditScope {
  /** Work younger than this may still be under way and is left out. */
  readonly restSeconds: number;
}

/** Something that must always hold. */
export interface Invariant {
  /** Short and stable: it labels the metric. */
  readonly id: string;
  /** What holds, as one sentence. */
  readonly sentence: string;
  /** One line for each thing that breaks it; empty when it holds. */
  find(books: Books, scope: AuditScope): Promise<string[]>;
}

/** An invariant inside one database: the query answers one text for each thing that breaks it. */
export function sqlInvariant(id: string, service: string, sentence: string, text: string): Invariant {
  return {
    id,
    sentence,
    find: async (books) => (await books.rows<{ broken: string }>(service, text)).map(({ broken }) => broken),
  };
}

/** Rows by a key; the last one wins. */
export function byKey<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row> {
  return new Map(rows.map((row) => [keyOf(row), row]));
}
