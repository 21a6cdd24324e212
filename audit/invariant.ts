/** Reads the books of any service. Nothing else in the project reads more than one service's tables. */
export interface Books {
  /** Whose books are open; those that every audit reads, where nothing is said. */
  readonly services?: readonly string[];
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
}

/** A rule about one thing at a time, decided from everything the books say about that thing. */
export interface Rule<File> extends Invariant {
  /** Holds only for work at rest: books of several services are never read at one instant. */
  readonly isForWorkAtRest: boolean;
  /** One line for each way in which it is broken; empty when it holds. */
  judge(file: File): readonly string[];
}

/** One thing that breaks an invariant. */
export interface Violation {
  readonly invariantId: string;
  /** Whom to ask about again: an id of the part that found it. */
  readonly subject: string;
  readonly text: string;
}

export interface Judgement {
  readonly violations: readonly Violation[];
  /** Subjects that could not be judged whole because work on them is under way. */
  readonly underWay: readonly string[];
}

/** Where to learn what has changed: a statement with an index on the time of the change. */
export interface News {
  readonly service: string;
  /**
   * Answers `subject`, `at` and `key` of changes after ($1, $2), ordered by time and key, at most $3 of them; all as text.
   */
  readonly text: string;
  /** A key before every other. */
  readonly firstKey: string;
}

/** Before every id there is. */
export const firstId = "00000000-0000-0000-0000-000000000000";

/** One kind of thing that is audited by itself: an order, a payment, a variant. All its statements are about few ids or a short range. */
export interface Part {
  readonly name: string;
  readonly invariants: readonly Invariant[];
  /** How many are judged together. */
  readonly batchMax: number;
  readonly news: readonly News[];
  /**
   * The next subjects of the whole in ascending order, from all books that could name one; empty at the end. May be more than
   * `limit`, but never by more than the number of books times.
   */
  list(books: Books, after: string | undefined, limit: number): Promise<readonly string[]>;
  judge(books: Books, subjects: readonly string[], scope: AuditScope): Promise<Judgement>;
}

/** Something that waits too long. An index names what waits, so that it is asked whole every time. */
export interface WaitingRule extends Invariant {
  readonly service: string;
  /** Answers `broken`, one text for each thing that waits. */
  readonly text: string;
}

/** Rows by a key; the last one wins. */
export function byKey<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row> {
  return new Map(rows.map((row) => [keyOf(row), row]));
}

/** Judges a file by all rules that may speak about it now. */
export function violationsOf<File extends { readonly id: string; readonly isAtRest: boolean }>(
  file: File,
  rules: readonly Rule<File>[],
): Violation[] {
  return rules
    .filter(({ isForWorkAtRest }) => file.isAtRest || !isForWorkAtRest)
    .flatMap((rule) => rule.judge(file).map((text) => ({ invariantId: rule.id, subject: file.id, text })));
}

/**
 * The part of an ascending walk over several books that all of them have been read to: a book that gave a full page ends the
 * common part at its last id. Ids come back once each, in order.
 */
export function commonPage(pages: readonly (readonly string[])[], limit: number): string[] {
  const ends = pages.filter(({ length }) => length >= limit).map((page) => page.at(-1) ?? "");
  const end = ends.reduce<string | undefined>(
    (least, id) => (least === undefined || id < least ? id : least),
    undefined,
  );
  const ids = new Set<string>();
  for (const page of pages) for (const id of page) if (end === undefined || id <= end) ids.add(id);
  return [...ids].sort((a, b) => (a < b ? -1 : 1));
}
