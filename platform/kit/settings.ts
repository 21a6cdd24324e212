// Settings of the kit itself; every service adds its own.
import { TracingConfig } from "#platform/telemetry/tracing-config.ts";
import { ForeignConfig } from "#platform/rpc/foreign-contract.ts";
import { redisUrlSetting } from "#platform/redis/redis-url.ts";
import { TlsConfig } from "#platform/tls/tls-config.ts";
import { defineConfig, setting } from "./config.ts";

export const PlatformConfig = defineConfig({
  HOST: setting.optionalText({
    doc: "Address to listen on; 127.0.0.1 for the whole shop, 0.0.0.0 for a service alone.",
  }),
  PORT: setting.port({ default: 3000, doc: "HTTP port of the shop or of the gateway." }),
  GRPC_PORT: setting.port({
    default: 50051,
    doc: "gRPC port of the shop; a service alone has its own default.",
  }),
  HTTP_PORT: setting.port({
    default: 8080,
    doc: "Operations port of a service alone: /health, /ready, /status/200, /metrics.",
  }),
  STOA_DATA: setting.text({
    default: ".stoa",
    doc: "Folder of the embedded database, and of whatever else this machine keeps.",
  }),
  DATABASE_URL: setting.optionalUrl({
    schemes: ["postgres", "postgresql"],
    doc: "An outside PostgreSQL: the database of a service alone, or the server on which the whole shop keeps one database a service.",
  }),
  DATABASE_DIRECT_URL: setting.optionalUrl({
    schemes: ["postgres", "postgresql"],
    doc: "The server itself, where the other URLs lead through a pooler such as PgBouncer: databases are made and migrated over it.",
  }),
  DATABASE_HOST: setting.optionalText({
    doc: "Host of an outside PostgreSQL, with POSTGRES_USER; read when no URL names a database.",
  }),
  DATABASE_PORT: setting.port({ default: 5432, doc: "Port of DATABASE_HOST." }),
  POSTGRES_USER: setting.optionalText({ doc: "Account on DATABASE_HOST." }),
  POSTGRES_PASSWORD: setting.hiddenText({ doc: "Its password; example values are refused when it is used." }),
  POSTGRES_DB: setting.optionalText({
    doc: "Database on DATABASE_HOST. Each service has a schema of its own in it, in one process or in many; without it, each has a database of its own.",
  }),
  DATABASE_SSLMODE: setting.optionalChoice(["disable", "require", "verify-ca", "verify-full"], {
    doc: "TLS to databases whose URL says nothing of it. By default verify-full beyond this machine, and none on it.",
  }),
  DATABASE_CA_FILE: setting.optionalText({
    doc: "File with the certificate of the authority that databases are verified against, where the URL names none (sslrootcert).",
  }),
  DATABASE_POOL_MAX: setting.integer({
    default: 10,
    min: 1,
    max: 200,
    doc: "Connections each service may open.",
  }),
  REPLICAS: setting.integer({
    default: 1,
    min: 1,
    max: 1_000,
    doc: "How many processes like this one run at once, for the look at the start whether the database server has connections for all of them.",
  }),
  REDIS_URL: redisUrlSetting({
    doc: "A Redis that replicas share: rate limits count together, and small answers are kept for all. redis://, redis+sentinel:// or redis+cluster://, with rediss for TLS. Without it each process counts for itself (docs/operate/redis.md).",
  }),
  REDIS_CA_FILE: setting.optionalText({
    doc: "File with the certificate of the authority that it is verified against; empty means those the system knows.",
  }),
  REDIS_POOL_MAX: setting.integer({
    default: 2,
    min: 1,
    max: 100,
    doc: "Connections that a process opens to it; of a cluster, one to each node.",
  }),
  SERVICE_KEY: setting.optionalSecret({
    doc: "Key with which services prove who they are to each other; at least 32 characters, the same for all.",
  }),
  ...TlsConfig,
  LOG_LEVEL: setting.choice(["trace", "debug", "info", "warn", "error", "fatal", "silent"], {
    default: "info",
    doc: "Least level that is logged.",
  }),
  LOG_FORMAT: setting.choice(["json", "pretty"], {
    default: "json",
    doc: "json for machines, pretty for people.",
  }),
  DRAIN_SECONDS: setting.integer({
    default: 10,
    min: 0,
    max: 600,
    doc: "How long requests under way may take to end after SIGTERM.",
  }),
  DRAIN_DELAY_SECONDS: setting.integer({
    default: 0,
    min: 0,
    max: 60,
    doc: "How long to go on serving after readiness turned false, for load balancers to notice.",
  }),
  RATE_LIMIT: setting.choice(["on", "off"], {
    default: "on",
    doc: "off turns every rate limit off, nothing else.",
  }),
  GRPC_COMPRESSION: setting.choice(["none", "gzip"], {
    default: "none",
    doc: "How requests to services in other processes are sent. gzip pays where the network is the limit, not the processor; what is answered is not compressed.",
  }),
  GRPC_CONNECTION_AGE_SECONDS: setting.integer({
    default: 30,
    min: 1,
    max: 86_400,
    doc: "How long a gRPC connection lasts before its caller is asked to open another one, so that new replicas get their share. Calls under way are answered.",
  }),
  ...ForeignConfig,
  AUDIT_SECONDS: setting.integer({
    default: 300,
    min: 0,
    doc: "How often the audit looks at the shop's invariants and shows them as stoa_invariant_violations; 0 never.",
  }),
  ACTIVITY_KEPT_DAYS: setting.integer({
    default: 400,
    min: 1,
    max: 36_500,
    doc: "How many days the activity log keeps what was done; older entries are dropped from its beginning.",
  }),
  FLAGS_FILE: setting.optionalText({
    doc: "File with feature flags (NAME=value lines or flat YAML), read again within 10 seconds of a change. What is switched in the admin goes before it.",
  }),
  FAULT_INJECTION: setting.choice(["refused", "allowed"], {
    default: "refused",
    doc: "allowed lets admins inject faults on purpose, and callers ask for one of them by X-Stoa-Fault (docs/operate/flags.md). Without it nothing of the kind is even looked at.",
  }),
  ...TracingConfig,
});
