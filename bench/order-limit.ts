// How fast PostgreSQL alone runs the statements of orders: with pgbench where it is installed, else with a loop over pg.
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import pg from "pg";
import { closedLoop } from "./measure.ts";
import { searchPath, type LimitDatabase } from "./limit-database.ts";

export type LimitScript = "as-placed" | "one-transaction";

/** Runs one round of a script: `clients` connections, `each` orders on each. Resolves with orders a second. */
export type RunLimit = (
  script: LimitScript,
  round: { base: number; clients: number; each: number },
) => Promise<number>;

/** What measures the limit, with its name for the table. */
export function openOrderLimit(limit: LimitDatabase): {
  name: string;
  run: RunLimit;
  close(): Promise<void>;
} {
  const program = findPgbench();
  if (program !== undefined) {
    const run: RunLimit = async (script, round) => {
      await limit.fillCarts(round);
      return await runPgbench(program, limit.url, script, round);
    };
    return { name: "pgbench", run, close: () => Promise.resolve() };
  }
  const pool = new pg.Pool({ connectionString: limit.url, max: 64, options: `-c search_path=${searchPath}` });
  const run: RunLimit = async (script, round) => {
    await limit.fillCarts(round);
    return await runLoop(pool, script, round);
  };
  return { name: "a loop over pg", run, close: () => pool.end() };
}

function fileOf(script: LimitScript): string {
  return join(import.meta.dirname, "place-order-statements", `${script}.sql`);
}

/** Debian keeps it in a folder for each version; the newest is taken. */
function findPgbench(): string | undefined {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const inPath = (process.env["PATH"] ?? "").split(":").map((folder) => join(folder, "pgbench"));
  return [...versions.map((version) => join(root, version, "bin/pgbench")), ...inPath].find((path) =>
    existsSync(path),
  );
}

async function runPgbench(
  program: string,
  url: string,
  script: LimitScript,
  { base, clients, each }: { base: number; clients: number; each: number },
): Promise<number> {
  const { hostname, port, username, password, pathname } = new URL(url);
  const args = ["-n", "-M", "prepared", "-c", String(clients), "-j", "2", "-t", String(each)];
  args.push("-f", fileOf(script), "-D", `base=${base}`, "-D", "i=0");
  args.push("-h", hostname, "-p", port, "-U", decodeURIComponent(username), pathname.slice(1));
  const child = spawn(program, args, {
    env: {
      ...process.env,
      PGPASSWORD: decodeURIComponent(password),
      PGOPTIONS: `-c search_path=${searchPath}`,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [said, complaints] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const rate = /^tps = ([\d.]+)/m.exec(said)?.[1];
  const failed = /number of failed transactions: (\d+)/.exec(said)?.[1] ?? "0";
  if (rate === undefined || failed !== "0" || /aborted/.test(complaints))
    throw new Error(`pgbench did not run ${script}: ${complaints || said}`);
  return Number(rate);
}

interface Statement {
  readonly text: string;
  readonly variables: readonly string[];
}

async function runLoop(
  pool: pg.Pool,
  script: LimitScript,
  { base, clients, each }: { base: number; clients: number; each: number },
): Promise<number> {
  const statements = parseScript(readFileSync(fileOf(script), "utf8"));
  const connections = await Promise.all(Array.from({ length: clients }, () => pool.connect()));
  const work = async (client: number) => {
    for (let i = 1; i <= each; i += 1) {
      const values: Record<string, number> = {
        order: base + client * 1_000_000 + i,
        product: 1 + 2 * ((i + client) % 24),
      };
      for (const [number, { text: sql, variables }] of statements.entries()) {
        const parameters = variables.map((name) => values[name]);
        await connections[client]?.query(
          parameters.length === 0 ? sql : { name: `${script}-${number}`, text: sql, values: parameters },
        );
      }
    }
  };
  try {
    const { perSecond } = await closedLoop({ count: clients, parallel: clients }, work);
    return perSecond * each;
  } finally {
    for (const connection of connections) connection.release();
  }
}

/** Statements end with a semicolon at the end of a line; each `:name` becomes a parameter. */
function parseScript(script: string): Statement[] {
  const body = script.replace(/^(?:--|\\).*\n/gm, "");
  return body
    .split(/;\n/)
    .filter((part) => part.trim() !== "")
    .map((part) => {
      const variables: string[] = [];
      const sql = part.replace(/(?<!:):([a-z]+)\b/g, (_all, name: string) => {
        if (!variables.includes(name)) variables.push(name);
        // pg sends numbers as text; pgbench does the same, and the scripts cast where they compute.
        return `$${variables.indexOf(name) + 1}::text`;
      });
      return { text: sql, variables };
    });
}
