import pg from "pg";
import { StartError } from "#platform/kit/start-error.ts";
import { connectionFault, connectionOf } from "./connection.ts";
import { holdingLock } from "./session.ts";

/** A database, and the one role that owns it and may connect to it. */
export interface DatabaseWish {
  adminUrl: string;
  database: string;
  role: string;
  password: string;
}

/**
 * Makes the database and its role, or brings existing ones to this state; may run again and in parallel. Afterwards
 * no other role but superusers can connect to the database. Throws a StartError when the admin may not do this.
 */
export async function provisionDatabase(wish: DatabaseWish): Promise<void> {
  await asAdmin(wish.adminUrl, async (admin) => {
    await ensureRole(admin, wish);
    await ensureDatabase(admin, wish);
  });
}

/**
 * Makes a role that can connect to this database alone and can read it, and nothing else; may run again and in parallel. It
 * can read all tables there are, and those that the database's owner makes later in the schemas there are now. Throws a
 * StartError when the admin may not do this.
 */
export async function provisionReader(wish: DatabaseWish): Promise<void> {
  const { adminUrl, role, database } = wish;
  await asAdmin(adminUrl, async (admin) => {
    const existing = await admin.query("SELECT 1 FROM pg_database WHERE datname = $1", [database]);
    if (existing.rowCount === 0)
      throw new StartError(
        `There is no database ${database} to read yet. Start the shop once, or run migrate.`,
      );
    await ensureRole(admin, wish);
    await admin.query(`ALTER ROLE ${identifier(role)} SET default_transaction_read_only = on`);
    await admin.query(`GRANT CONNECT ON DATABASE ${identifier(database)} TO ${identifier(role)}`);
  });
  const inside = new URL(adminUrl);
  inside.pathname = `/${encodeURIComponent(database)}`;
  await asAdmin(inside.href, async (admin) => await letRead(admin, role));
}

/** Lets the role read every table of the database that `admin` is connected to. */
async function letRead(admin: pg.Client, role: string): Promise<void> {
  const { rows } = await admin.query(
    `SELECT nspname AS schema, (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()) AS owner
     FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'`,
  );
  const reader = identifier(role);
  for (const { schema, owner } of rows) {
    const inSchema = `IN SCHEMA ${identifier(schema)}`;
    await admin.query(`GRANT USAGE ON SCHEMA ${identifier(schema)} TO ${reader}`);
    await admin.query(`GRANT SELECT ON ALL TABLES ${inSchema} TO ${reader}`);
    await admin.query(
      `ALTER DEFAULT PRIVILEGES FOR ROLE ${identifier(owner)} ${inSchema} GRANT SELECT ON TABLES TO ${reader}`,
    );
  }
}

/** Removes a database with everything in it, and its role when given; what is absent already is no error. */
export async function dropDatabase(wish: {
  adminUrl: string;
  database: string;
  role?: string;
}): Promise<void> {
  await asAdmin(wish.adminUrl, async (admin) => {
    await admin.query(`DROP DATABASE IF EXISTS ${identifier(wish.database)} WITH (FORCE)`);
    if (wish.role) await admin.query(`DROP ROLE IF EXISTS ${identifier(wish.role)}`);
  });
}

/** Keeps every role but the owner and superusers out of a database. */
export async function closeDatabase(admin: pg.Client, database: string): Promise<void> {
  await admin.query(`REVOKE ALL ON DATABASE ${identifier(database)} FROM PUBLIC`);
}

/** Runs `work` alone among all that provision on this server, and says what to do when the server refuses. */
async function asAdmin(adminUrl: string, work: (admin: pg.Client) => Promise<void>): Promise<void> {
  const address = parseAddress(adminUrl);
  const admin = new pg.Client({ ...connectionOf(adminUrl), connectionTimeoutMillis: 10_000 });
  // Without a listener, a server that goes away between two statements would end the whole program.
  admin.on("error", () => undefined);
  try {
    await admin.connect();
    await holdingLock({ url: adminUrl, lock: "hashtext('stoa.provision')" }, async () => await work(admin));
  } catch (error) {
    throw explain(error, adminUrl, address);
  } finally {
    await admin.end().catch(() => undefined);
  }
}

async function ensureRole(admin: pg.Client, { role, password }: DatabaseWish): Promise<void> {
  const { rows } = await admin.query(
    `SELECT rolsuper AS is_super, rolname = $1 AS is_self,
            EXISTS (SELECT 1 FROM pg_roles WHERE rolname = $1) AS is_there
     FROM pg_roles WHERE rolname = current_user`,
    [role],
  );
  const { is_super: isSuper, is_self: isSelf, is_there: isThere } = rows[0] ?? {};
  // It has just signed in, and without being a superuser may neither alter itself nor become a member of itself.
  if (isSelf === true) return;
  const verb = isThere === true ? "ALTER" : "CREATE";
  await admin.query(`${verb} ROLE ${identifier(role)} LOGIN PASSWORD ${pg.escapeLiteral(password)}`);
  // Only a superuser may make a database for a role that it is not a member of.
  if (isSuper !== true) await admin.query(`GRANT ${identifier(role)} TO CURRENT_USER`);
}

async function ensureDatabase(admin: pg.Client, { database, role }: DatabaseWish): Promise<void> {
  const existing = await admin.query(
    "SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = $1",
    [database],
  );
  if (existing.rowCount === 0) {
    await admin.query(`CREATE DATABASE ${identifier(database)} OWNER ${identifier(role)}`);
  } else if (existing.rows[0].owner !== role) {
    await admin.query(`ALTER DATABASE ${identifier(database)} OWNER TO ${identifier(role)}`);
  }
  await closeDatabase(admin, database);
}

// PostgreSQL would cut a longer name, and then not find it again under its full length.
function identifier(name: string): string {
  if (name === "" || Buffer.byteLength(name) > 63) {
    throw new StartError(`"${name}" cannot name a database or role: 1 to 63 bytes are allowed.`);
  }
  return pg.escapeIdentifier(name);
}

function parseAddress(adminUrl: string): string {
  try {
    const url = new URL(adminUrl);
    if (/^postgres(ql)?:$/.test(url.protocol)) return `${url.hostname || "localhost"}:${url.port || 5432}`;
  } catch {
    // Said below, for both kinds of mistake alike.
  }
  throw new StartError(
    "The database URL is not valid; expected postgres://user:password@host:port/database.",
  );
}

function explain(error: unknown, adminUrl: string, address: string): Error {
  if (error instanceof StartError) return error;
  const { code, message } = error as { code?: string; message: string };
  const sentence = {
    "28P01": "refuses the admin's user name or password; check the database URL",
    "28000": "refuses the admin's user name or password; check the database URL",
    "3D000": "has no database of the name in the database URL; name an existing one, usually postgres",
    "42501":
      `does not let the admin make databases and roles (${message}); ` +
      "give it CREATEDB and CREATEROLE, or make the database and its role by hand",
    "53100": "has no space left on its disk; free some and start again",
    "53300": "has no connection left for the admin; end other programs or raise max_connections",
  }[code ?? ""];
  if (sentence) return new StartError(`The database server at ${address} ${sentence}.`, { cause: error });
  if (/^E[A-Z]+$/.test(code ?? "") || /timeout|terminated/i.test(message)) {
    const reason = code ?? message;
    return new StartError(
      `The database server at ${address} cannot be reached (${reason}). Check that it runs and that the database URL names it.`,
      { cause: error },
    );
  }
  return connectionFault(error, adminUrl) ?? (error as Error);
}
