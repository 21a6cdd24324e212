import type { Queryable, Tx } from "#platform/database/db.ts";
import type { UserRow } from "./user.ts";

const columns = `id, email, password_hash as "passwordHash", first_name as "firstName", last_name as "lastName", role,
  disabled_at as "disabledAt", tokens_not_before as "tokensNotBefore", created_at as "createdAt", updated_at as "updatedAt"`;

export async function findUser(db: Queryable, userId: string): Promise<UserRow | undefined> {
  return await db.row(`select ${columns} from users where id = $1`, [userId]);
}

export async function findUserByEmail(db: Queryable, email: string): Promise<UserRow | undefined> {
  return await db.row(`select ${columns} from users where email = $1`, [email]);
}

/** Its sessions cannot be ended by anyone until the transaction is over. */
export async function lockUserForSession(tx: Tx, userId: string): Promise<UserRow | undefined> {
  return await tx.row(`select ${columns} from users where id = $1 for share`, [userId]);
}

/** Nobody signs in to it or changes it until the transaction is over. */
export async function lockUser(tx: Tx, userId: string): Promise<UserRow | undefined> {
  return await tx.row(`select ${columns} from users where id = $1 for update`, [userId]);
}

/** False when the address is taken. */
export async function insertUser(tx: Tx, user: UserRow): Promise<boolean> {
  const inserted = await tx.run(
    `insert into users (id, email, password_hash, first_name, last_name, role, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (email) do nothing`,
    [
      user.id,
      user.email,
      user.passwordHash,
      user.firstName,
      user.lastName,
      user.role,
      user.createdAt,
      user.updatedAt,
    ],
  );
  return inserted === 1;
}

/** Throws PostgreSQL's unique violation when the address is taken. */
export async function updateUser(tx: Tx, user: UserRow): Promise<void> {
  await tx.run(
    `update users set email = $2, password_hash = $3, first_name = $4, last_name = $5, role = $6, tokens_not_before = $7,
     updated_at = $8 where id = $1`,
    [
      user.id,
      user.email,
      user.passwordHash,
      user.firstName,
      user.lastName,
      user.role,
      user.tokensNotBefore,
      user.updatedAt,
    ],
  );
}

/** The same password hashed with more work; sessions go on. False when the password changed meanwhile. */
export async function replacePasswordHash(
  db: Queryable,
  user: UserRow,
  passwordHash: string,
): Promise<boolean> {
  const changed = await db.run("update users set password_hash = $3 where id = $1 and password_hash = $2", [
    user.id,
    user.passwordHash,
    passwordHash,
  ]);
  return changed === 1;
}

/** Its sessions go with it. */
export async function deleteUser(tx: Tx, userId: string): Promise<void> {
  await tx.run("delete from users where id = $1", [userId]);
}

/** Accounts that are there although the activity log says that they were erased. */
export async function listErasedAccounts(db: Queryable): Promise<{ id: string; email: string }[]> {
  return await db.rows(
    `select u.id, u.email from (
       select distinct subject from activity where action = 'activity.erase' and subject_kind = 'person') e
     join users u on u.id::text = e.subject order by u.id limit 1000`,
  );
}

/** The one who was an admin first. */
export async function findAdmin(db: Queryable): Promise<{ email: string } | undefined> {
  return await db.row("select email from users where role = 'admin' order by created_at, id limit 1");
}

export interface CutoffRow {
  readonly userId: string;
  readonly notBefore: Date;
}

/** Cut-offs that may still matter: tokens from before `since` have expired anyway. */
export async function listCutoffs(db: Queryable, since: Date): Promise<CutoffRow[]> {
  return await db.rows(
    `select id as "userId", tokens_not_before as "notBefore" from users
     where tokens_not_before is not null and tokens_not_before > $1`,
    [since],
  );
}
