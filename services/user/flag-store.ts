import type { Queryable, Tx } from "#platform/database/db.ts";
import type { FlagSwitch } from "#platform/kit/flag-switch.ts";

export async function listFlagSwitches(db: Queryable): Promise<FlagSwitch[]> {
  return await db.rows(
    `select name, value, share, reason, switched_by as "by", switched_at as "at" from flag_switches order by name`,
  );
}

/** Of two who switch the same flag at once, the second sees what the first has done. */
export async function lockFlagSwitches(tx: Tx): Promise<void> {
  await tx.run("select pg_advisory_xact_lock(hashtext('user.flag-switches'))");
}

export async function findFlagSwitch(tx: Tx, name: string): Promise<FlagSwitch | undefined> {
  return await tx.row(
    `select name, value, share, reason, switched_by as "by", switched_at as "at" from flag_switches where name = $1`,
    [name],
  );
}

export async function setFlagSwitch(
  tx: Tx,
  { name, value, share, reason, by, at }: FlagSwitch,
): Promise<void> {
  await tx.run(
    `insert into flag_switches (name, value, share, reason, switched_by, switched_at) values ($1, $2, $3, $4, $5, $6)
     on conflict (name) do update set value = excluded.value, share = excluded.share, reason = excluded.reason,
       switched_by = excluded.switched_by, switched_at = excluded.switched_at`,
    [name, JSON.stringify(value), share, reason, by, at],
  );
}

export async function deleteFlagSwitch(tx: Tx, name: string): Promise<void> {
  await tx.run("delete from flag_switches where name = $1", [name]);
}
