// Facts of the shop that the data of a service was made under.
import type { Database, Queryable } from "./db.ts";

/** What the database remembers under a name; undefined for one that was never in use. */
export async function findFact(db: Queryable, name: string): Promise<string | undefined> {
  return (await db.row<{ value: string }>("select value from facts where name = $1", [name]))?.value;
}

/** Remembers a value unless there is one, and tells which is in force. Whoever comes first decides, for ever. */
export async function rememberFact(db: Database, name: string, value: string): Promise<string> {
  await db.run("insert into facts (name, value) values ($1, $2) on conflict (name) do nothing", [
    name,
    value,
  ]);
  return (await findFact(db, name)) ?? value;
}

/** Remembers a value in place of the one before: for what is true now, and not for ever. */
export async function replaceFact(db: Queryable, name: string, value: string): Promise<void> {
  await db.run(
    "insert into facts (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value",
    [name, value],
  );
}
