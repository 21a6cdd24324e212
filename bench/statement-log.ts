// Reads what PostgreSQL logged with log_statement = all and log_line_prefix = '%d %p '.

/** One statement as it was run; parameters are their text, null for NULL. */
export interface LoggedStatement {
  readonly database: string;
  /** Process id of the connection's server process. */
  readonly connection: string;
  readonly text: string;
  readonly parameters: readonly (string | null)[];
}

/** Statements in the order in which they were begun. */
export function parseStatementLog(log: string): LoggedStatement[] {
  const statements: { database: string; connection: string; text: string; parameters: (string | null)[] }[] =
    [];
  for (const entry of log.split(/\n(?!\t)/)) {
    const [, database = "", connection = "", kind, rest = ""] =
      /^(\S+) (\d+) (LOG|DETAIL):\s+([\s\S]*)$/.exec(entry) ?? [];
    const said = rest.replaceAll("\n\t", "\n");
    const text = /^(?:statement|execute [^:]+): ([\s\S]*)$/.exec(said)?.[1];
    if (kind === "LOG" && text !== undefined) statements.push({ database, connection, text, parameters: [] });
    const last = statements.at(-1);
    if (kind === "DETAIL" && last && said.startsWith("Parameters: ")) last.parameters = parseParameters(said);
  }
  return statements;
}

function parseParameters(said: string): (string | null)[] {
  return [...said.matchAll(/\$\d+ = (?:NULL|'((?:[^']|'')*)')(?:, |$)/g)].map(([, value]) =>
    value === undefined ? null : value.replaceAll("''", "'"),
  );
}

/** Statements grouped as they committed: each alone, or from a begin to its commit. */
export function groupByCommit(statements: readonly LoggedStatement[]): LoggedStatement[][] {
  const groups: LoggedStatement[][] = [];
  const open = new Map<string, LoggedStatement[]>();
  for (const statement of statements) {
    const { connection, text } = statement;
    const group = open.get(connection);
    if (group) group.push(statement);
    else if (text !== "begin") groups.push([statement]);
    else {
      const begun = [statement];
      groups.push(begun);
      open.set(connection, begun);
    }
    if (text === "commit" || text === "rollback") open.delete(connection);
  }
  return groups;
}
