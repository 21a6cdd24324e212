// The audit as a role: in the shop's own process, or alone with an operations port.
import { systemClock } from "#platform/kit/clock.ts";
import { defineConfig, readConfig, setting } from "#platform/kit/config.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import type { ShopFile } from "#platform/kit/shop-file.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { whenThere } from "#platform/database/awaited.ts";
import { runJobs } from "#platform/database/jobs.ts";
import { namedReaderHome, outsideReaderHome, type ReaderHome } from "#platform/database/reader-home.ts";
import { addOperationsRoutes, answerUnknownPaths, createHttpServer, listen } from "#platform/http/server.ts";
import { checkedRulesPath } from "#platform/operations/audit-elsewhere.ts";
import { checkedRules } from "#platform/operations/checked-rules.ts";
import { createLogger, type Logger } from "#platform/telemetry/log.ts";
import { openAuditDatabases, type AuditDatabases } from "../audit/audit-databases.ts";
import { auditJob } from "../audit/audit-job.ts";
import { AuditConfig } from "../audit/config.ts";
import type { CommandContext } from "./command.ts";

const ServeAuditConfig = defineConfig({
  ...PlatformConfig,
  ...AuditConfig,
  HTTP_PORT: setting.port({
    default: 8080,
    doc: "Operations port: /health, /ready, /status/200, /metrics.",
  }),
});

/** `serve audit`: nothing but the audit, in a process of its own. It reads the databases and changes nothing. */
export async function serveAudit(context: CommandContext): Promise<void> {
  const { shop, options, environment, print, stop } = context;
  const config = readConfig(ServeAuditConfig, environment);
  if (config.AUDIT_SECONDS === 0)
    throw new StartError(
      "AUDIT_SECONDS is 0, which means never: there is nothing to do. Set it to 300, say.",
    );
  const log = createLogger({ level: config.LOG_LEVEL, format: config.LOG_FORMAT });
  const home = outsideReaderHome(environment, print) ?? namedReaderHome(environment);
  const app = createHttpServer({ service: "operations", log });
  let databases: AuditDatabases | undefined;
  try {
    addOperationsRoutes(app, { isReady: () => databases !== undefined && !stop.aborted, metrics: "open" });
    app.get(checkedRulesPath, async (_request, reply) => {
      const checked = checkedRules();
      return await (checked ? reply.send(checked) : reply.callNotFound());
    });
    answerUnknownPaths(app);
    const port = await listen(app, config.HOST ?? "0.0.0.0", config.HTTP_PORT, "HTTP_PORT");
    const patience = {
      clock: systemClock,
      patienceMs: Number.POSITIVE_INFINITY,
      note: log.warn.bind(log),
      stop,
    };
    databases = await whenThere(
      patience,
      async () => await openAuditDatabases(shop, home, { clock: systemClock, log }),
    );
    if (!options["quiet"])
      print(`The audit is ready: a look every ${config.AUDIT_SECONDS} s, operations on ${port}.`);
    await look(databases, { everySeconds: config.AUDIT_SECONDS, log, stop });
  } finally {
    await app.close();
    await databases?.close();
  }
}

interface Looks {
  readonly everySeconds: number;
  readonly log: Logger;
  readonly stop: AbortSignal;
}

/** Audits a shop that runs in this process, one small look at a time, until a signal. */
export async function auditBeside(shop: ShopFile, home: ReaderHome, looks: Looks): Promise<void> {
  const databases = await openAuditDatabases(shop, home, { clock: systemClock, log: looks.log });
  try {
    await look(databases, looks);
  } finally {
    await databases.close();
  }
}

async function look({ byService }: AuditDatabases, { everySeconds, log, stop }: Looks): Promise<void> {
  const job = auditJob(byService, systemClock, log, everySeconds * 1000);
  await runJobs([job], { service: "audit", db: undefined, clock: systemClock, log }, stop);
}
