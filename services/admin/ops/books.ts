// What is written down stays sound and is not lost: the rules that always hold, the databases, and their backups.
import { checkedRules, type CheckedRules } from "#platform/operations/checked-rules.ts";
import { readAuditElsewhere } from "#platform/operations/audit-elsewhere.ts";
import type { AdminContext } from "../context.ts";
import { shopPlan } from "#platform/operations/shop-plan.ts";

/** `unknown`: nobody has looked yet, or whoever looks does not answer. */
export type ShopInvariants = (CheckedRules & { readonly isKnown: true }) | { readonly isKnown: false };

/** What `stoa backup` or `stoa drill` left in the database of a service. */
export interface BackupFact {
  readonly atMs: number;
  readonly bytes: number;
  readonly path: string;
  readonly ok: boolean;
}

export interface ShopDatabase {
  readonly service: string;
  readonly sizeBytes: number;
  /** Of the server, all its databases together. */
  readonly connections: number;
  readonly connectionsMax: number;
  readonly cacheHitRatio: number;
  readonly deadlocks: number;
  readonly lastBackup: BackupFact | undefined;
  readonly lastDrill: BackupFact | undefined;
}

export interface ShopBackups {
  readonly databases: readonly ShopDatabase[];
  /** Services that did not answer. */
  readonly silent: readonly string[];
  /** Of the database that was saved longest ago; undefined where one never was. */
  readonly oldestBackupMs: number | undefined;
  readonly oldestDrillMs: number | undefined;
}

const askMs = 1_000;

/** The last look at the rules, in this process or in the audit's own. */
export async function readInvariants({ config }: Pick<AdminContext, "config">): Promise<ShopInvariants> {
  const { OPS_AUDIT: address } = config;
  const found = address === undefined ? checkedRules() : await readAuditElsewhere(address, askMs);
  return found ? { ...found, isKnown: true } : { isKnown: false };
}

/** Every database with its figures and backups. */
export async function readBackups({ processes }: Pick<AdminContext, "processes">): Promise<ShopBackups> {
  const { services } = await shopPlan();
  const stores = services.filter(({ hasDatabase }) => hasDatabase).map(({ name }) => name);
  const told = await Promise.all(
    stores.map(async (service) => {
      const client = await processes.operationsOf(service);
      const answer = await client?.getDatabase({}, { timeoutMs: askMs }).catch(() => undefined);
      return { service, answer };
    }),
  );
  const databases = told.flatMap(({ service, answer }): ShopDatabase[] => {
    if (!answer) return [];
    const { sizeBytes, connections, connectionsMax, cacheHitRatio, deadlocks } = answer;
    const figures = { sizeBytes, connections, connectionsMax, cacheHitRatio, deadlocks };
    const [lastBackup, lastDrill] = [factOf(answer.lastBackupJson), factOf(answer.lastDrillJson)];
    return [{ service, ...figures, lastBackup, lastDrill }];
  });
  return {
    databases,
    silent: told.filter(({ answer }) => !answer).map(({ service }) => service),
    oldestBackupMs: oldestOf(databases.map(({ lastBackup }) => lastBackup)),
    oldestDrillMs: oldestOf(databases.map(({ lastDrill }) => lastDrill)),
  };
}

function oldestOf(facts: readonly (BackupFact | undefined)[]): number | undefined {
  const times = facts.map((fact) => (fact?.ok === true ? fact.atMs : undefined));
  return times.reduce((least, at) =>
    least === undefined || at === undefined ? undefined : Math.min(least, at),
  );
}

function factOf(json: string): BackupFact | undefined {
  if (json === "") return undefined;
  const { at, bytes, path, ok } = JSON.parse(json) as { [name: string]: unknown };
  return { atMs: Date.parse(String(at)), bytes: Number(bytes), path: String(path), ok: ok === true };
}
