/**
 * The long run: `npm run chaos -- --seeds N --from S`. Plays N seeds of the fault simulation, the whole crash matrix with N pairs
 * of crashes drawn from seed S, and kills PostgreSQL N / 10 times under load. Any failure names what plays it again.
 */
import { spawn } from "node:child_process";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
  options: { seeds: { type: "string", default: "1000" }, from: { type: "string", default: "1" } },
});
const seeds = Number(options.seeds);
const runs: { name: string; args: string[]; environment?: Record<string, string> }[] = [
  {
    name: "fault simulation",
    args: ["tools/run-tests.ts", "test/simulation"],
    environment: { SIMULATION_SEEDS: String(seeds), SIMULATION_FROM: options.from },
  },
  {
    name: "crash matrix",
    args: ["test/crash/crash-matrix.ts", "--pairs", String(seeds), "--seed", options.from],
  },
  {
    name: "PostgreSQL kills",
    args: ["test/crash/postgres-kills.ts", "--kills", String(Math.ceil(seeds / 10))],
  },
];

let failed = 0;
for (const { name, args, environment } of runs) {
  console.log(`\n== ${name}`);
  const child = spawn(process.execPath, args, { stdio: "inherit", env: { ...process.env, ...environment } });
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  if (code !== 0) failed += 1;
}
process.exitCode = failed === 0 ? 0 : 1;
