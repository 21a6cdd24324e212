import { defineConfig, setting, type Setting } from "#platform/kit/config.ts";

/** The services whose books the audit reads. */
export const auditedServices = ["catalog", "shipping", "payment", "email", "order", "checkout"] as const;

type ReaderUrl = `AUDIT_${Uppercase<(typeof auditedServices)[number]>}_DATABASE_URL`;

/** Where the audit reads, when the databases are not the shop's own to make. */
export const AuditConfig = defineConfig(
  Object.fromEntries(
    auditedServices.map((service) => [
      `AUDIT_${service.toUpperCase()}_DATABASE_URL`,
      setting.optionalUrl({
        schemes: ["postgres", "postgresql"],
        doc: `The database of the ${service} service, under a role that can only read; for \`serve audit\`.`,
        aliases: [`${service.toUpperCase()}_DATABASE_URL`],
      }),
    ]),
  ) as { readonly [name in ReaderUrl]: Setting<string | undefined> },
);
