// What a statement of a migration does to tables that are in use: which lock it takes, how long it holds it, and who waits meanwhile.
// Source of the locks: PostgreSQL's manual, "Explicit Locking" and the pages of the statements; test/upgrades/statement-effects.long.ts holds them against
// the locks a server really takes.

/** PostgreSQL's own names of the modes that migrations take on a table. */
export type TableLock =
  | "RowExclusiveLock"
  | "ShareUpdateExclusiveLock"
  | "ShareLock"
  | "ShareRowExclusiveLock"
  | "AccessExclusiveLock";

/**
 * For how long a lock is held: a moment, or as long as it takes to read the table, to write it anew, to build an index, or to change rows.
 * "unknown" for code whose work its text does not tell.
 */
export type TableWork = "moment" | "scan" | "rewrite" | "index" | "rows" | "unknown";

/** What one statement does to one table. */
export interface Effect {
  readonly statement: string;
  /** Undefined where the text does not name it, such as for `do $$ … $$`. */
  readonly table: string | undefined;
  /** The index, where the statement names it instead of its table. */
  readonly index?: string;
  readonly lock: TableLock | undefined;
  readonly work: TableWork;
  /** The statement makes the table: nobody uses it yet. */
  readonly makes?: true;
  /** Old code may still use what is taken away or renamed. */
  readonly removes?: true;
}

/** The statements of a file, without comments; texts and function bodies stay whole. */
export function statementsOf(sql: string): string[] {
  const piece =
    /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$\w*\$)[\s\S]*?\1|;|[^-/'"$;]+|[-/$]/g;
  const statements: string[] = [];
  let current = "";
  for (const [text] of sql.matchAll(piece)) {
    if (text.startsWith("--") || text.startsWith("/*")) current += " ";
    else if (text === ";") {
      statements.push(current);
      current = "";
    } else current += text;
  }
  return [...statements, current]
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
}

/** What a statement does, table by table. Empty for one that touches no table, such as `create function`. */
export function effectsOf(statement: string): Effect[] {
  const text = bare(statement);
  for (const [pattern, read] of kinds) {
    const match = pattern.exec(text);
    if (match) return read(match, text).map((effect) => ({ statement, ...effect }));
  }
  return [{ statement, table: undefined, lock: undefined, work: "unknown" }];
}

type Found = Omit<Effect, "statement">;
type Reader = (match: RegExpExecArray, text: string) => Found[];

const name = String.raw`((?:"[^"]+"|[a-z_][\w$]*)(?:\.(?:"[^"]+"|[a-z_][\w$]*))?)`;

const kinds: readonly (readonly [RegExp, Reader])[] = [
  [starting(`create (?:unlogged )?table (?:if not exists )?${name}`), makeTable],
  [
    starting(`create (?:unique )?index (concurrently )?(?:if not exists )?(?:${name} )?on (?:only )?${name}`),
    ([, concurrently, , table]) => [
      { table, lock: concurrently ? "ShareUpdateExclusiveLock" : "ShareLock", work: "index" },
    ],
  ],
  [
    starting(`alter table (?:if exists )?(?:only )?${name} `),
    ([head, table], text) => alterTable(table, text.slice(head.length)),
  ],
  [
    starting(`create (?:or replace )?(?:constraint )?trigger .*? on ${name}`),
    ([, table]) => [{ table, lock: "ShareRowExclusiveLock", work: "moment" }],
  ],
  [
    starting(`drop trigger (?:if exists )?\\S+ on ${name}`),
    ([, table]) => [{ table, lock: "AccessExclusiveLock", work: "moment", removes: true }],
  ],
  [
    starting(`drop table (?:if exists )?${name}`),
    ([, table]) => [{ table, lock: "AccessExclusiveLock", work: "moment", removes: true }],
  ],
  [
    starting(`drop index (concurrently )?(?:if exists )?${name}`),
    ([, concurrently, index]) => [
      {
        table: undefined,
        ...(index === undefined ? {} : { index }),
        lock: concurrently ? "ShareUpdateExclusiveLock" : "AccessExclusiveLock",
        work: "moment",
      },
    ],
  ],
  [
    starting(`(?:insert into|update(?: only)?|delete from(?: only)?) ${name}`),
    ([, table]) => [{ table, lock: "RowExclusiveLock", work: "rows" }],
  ],
  [
    starting(`(?:truncate(?: table)?(?: only)?|vacuum full|cluster) ${name}`),
    ([, table], text) => [
      {
        table,
        lock: "AccessExclusiveLock",
        work: text.startsWith("truncate") ? "moment" : "rewrite",
        removes: true,
      },
    ],
  ],
  [
    starting(
      "(?:create|alter|drop) (?:or replace )?(?:function|procedure|schema|type|domain|extension|sequence|view|role|aggregate)",
    ),
    () => [],
  ],
  [starting("(?:comment on|grant|revoke|set|reset|analyze)"), () => []],
];

function starting(pattern: string): RegExp {
  return new RegExp(`^${pattern}(?![\\w$])`.replaceAll(" (?![", "(?!["), "i");
}

/** One space between words, and nothing in texts and bodies that could be read as a word. */
function bare(statement: string): string {
  return statement
    .replaceAll(/'(?:[^']|'')*'/g, "''")
    .replaceAll(/(\$\w*\$)[\s\S]*?\1/g, "''")
    .replaceAll(/\s+/g, " ")
    .trim();
}

function makeTable([, table]: RegExpExecArray, text: string): Found[] {
  return [{ table, lock: undefined, work: "moment", makes: true }, ...referencesIn(text, table)];
}

/** Tables that foreign keys point to: writes to them wait while the key is made. */
function referencesIn(text: string, own: string | undefined): Found[] {
  const found = [...text.matchAll(new RegExp(`\\breferences ${name}`, "gi"))].map(([, table]) => table);
  return [...new Set(found)]
    .filter((table) => table !== own)
    .map((table) => ({ table, lock: "ShareRowExclusiveLock", work: "moment" }));
}

function alterTable(table: string | undefined, actions: string): Found[] {
  return parts(actions).flatMap((action) => [
    { table, ...alterAction(action) },
    ...(/^validate\b/i.test(action) ? [] : referencesIn(action, table)),
    ...(/^drop (?:constraint|column)\b/i.test(action) ? [otherEnd] : []),
  ]);
}

/** A foreign key that goes is taken from the table it points to as well, which its text does not name. */
const otherEnd: Found = { table: undefined, lock: "AccessExclusiveLock", work: "moment" };

/** Default values that are the same for all rows there are; anything else that is called is worked out for each of them. */
const sameForAll =
  /\b(?:now|current_date|current_timestamp|transaction_timestamp|statement_timestamp)\s*\(\)/gi;

function alterAction(action: string): Omit<Found, "table"> {
  const text = action.toLowerCase();
  const isForeign = /\b(?:foreign key|references)\b/.test(text);
  if (/^add (?:column )?(?!constraint|check|unique|primary|foreign|exclude)/.test(text))
    return addColumn(text);
  if (text.startsWith("add")) {
    if (/\b(?:unique|primary key|exclude)\b/.test(text))
      return { lock: "AccessExclusiveLock", work: /\busing index\b/.test(text) ? "moment" : "index" };
    const work = /\bnot valid$/.test(text) ? "moment" : "scan";
    return { lock: isForeign ? "ShareRowExclusiveLock" : "AccessExclusiveLock", work };
  }
  if (text.startsWith("validate")) return { lock: "ShareUpdateExclusiveLock", work: "scan" };
  if (/^(?:alter (?:column )?\S+ set statistics|set \(|reset \()/.test(text))
    return { lock: "ShareUpdateExclusiveLock", work: "moment" };
  if (/^(?:enable|disable) trigger/.test(text)) return { lock: "ShareRowExclusiveLock", work: "moment" };
  if (/^alter (?:column )?\S+ (?:set data )?type\b/.test(text))
    return { lock: "AccessExclusiveLock", work: "rewrite" };
  if (/^alter (?:column )?\S+ set not null/.test(text)) return { lock: "AccessExclusiveLock", work: "scan" };
  if (/^set (?:logged|unlogged|tablespace|access method)/.test(text))
    return { lock: "AccessExclusiveLock", work: "rewrite" };
  const removes = /^(?:drop (?!constraint)|rename)/.test(text);
  return { lock: "AccessExclusiveLock", work: "moment", ...(removes && { removes }) };
}

function addColumn(text: string): Omit<Found, "table"> {
  const given = text.replaceAll(sameForAll, "");
  const isWorkedOut =
    /\bdefault [^,]*?[\w.]+\s*\(/.test(given.replaceAll(/\bcheck \(.*$/g, "")) ||
    /\b(?:small|big)?serial\b|\bgenerated (?:always|by default) as identity\b|\bgenerated always as \(/.test(
      text,
    );
  const work = isWorkedOut
    ? "rewrite"
    : /\bcheck \(|\breferences\b.*\bdefault (?!null)/.test(text)
      ? "scan"
      : "moment";
  return { lock: "AccessExclusiveLock", work };
}

/** Split at the commas that stand in no parentheses. */
function parts(text: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let begin = 0;
  for (let index = 0; index < text.length; index += 1) {
    const sign = text[index] ?? "";
    if (sign === "(" || sign === "[") depth += 1;
    if (sign === ")" || sign === "]") depth -= 1;
    if (sign === "," && depth === 0) {
      found.push(text.slice(begin, index));
      begin = index + 1;
    }
  }
  return [...found, text.slice(begin)].map((part) => part.trim());
}

/** Who waits while a lock is held; nobody waits for the weaker ones but other changes of the schema. */
export function whoWaits(lock: TableLock | undefined): "nobody" | "writes" | "everybody" {
  if (lock === "AccessExclusiveLock") return "everybody";
  return lock === "ShareLock" || lock === "ShareRowExclusiveLock" ? "writes" : "nobody";
}
