/** The processes of a cluster that are no service: what they reach is as much a fact of the shop as what services reach. */
import { PlatformConfig } from "#platform/kit/settings.ts";
import { AuditConfig, auditedServices } from "../audit/config.ts";
import { settingFacts, type ServiceFacts } from "./constellation.ts";

export interface RoleFacts extends Pick<ServiceFacts, "connections" | "settings" | "secrets"> {
  readonly name: string;
  /** What it is started with, after `stoa`; null for programs of others. */
  readonly command: readonly string[] | null;
  readonly ports: { readonly operations?: number };
  /** As whom it enters databases: as a reader, as each service's own role, or as the server's administrator. */
  readonly databases: "reads" | "owns" | "administers" | null;
  /** Databases that it reads, under roles that can only read, and the setting that names each. */
  readonly reads: readonly {
    readonly service: string;
    readonly database: string | null;
    readonly setting: string;
  }[];
  /** It asks the API server of the cluster. */
  readonly asksKubernetes: boolean;
}

/** Whoever looks from inside whether the shop answers asks where people arrive; the pages of the staff stand behind the gateway. */
const lookedAt: RoleFacts["connections"] = ["gateway", "storefront"].map((to) => {
  return { to, protocol: "http", for: ["pages"] };
});

/** Every role, each with all that it may reach. */
export function rolesOf(services: readonly ServiceFacts[]): RoleFacts[] {
  return [
    auditRole(services),
    { ...job("secrets", ["secrets", "make"]), asksKubernetes: true },
    { ...job("databases", ["databases", "make"]), databases: "administers" },
    { ...job("migrate", ["migrate"]), databases: "owns" },
    { ...job("backup", null), databases: "administers" },
    { ...job("test", null), connections: lookedAt },
  ];
}

/** The audit in a process of its own: it reads the books of some services, and calls nobody. */
export function auditRole(services: readonly ServiceFacts[]): RoleFacts {
  const { AUDIT_SECONDS } = PlatformConfig;
  return {
    ...job("audit", ["serve", "audit"]),
    ports: { operations: 8080 },
    databases: "reads",
    reads: auditedServices.map((service) => ({
      service,
      database: services.find(({ name }) => name === service)?.database ?? null,
      setting: `AUDIT_${service.toUpperCase()}_DATABASE_URL`,
    })),
    ...settingFacts({ AUDIT_SECONDS, ...AuditConfig }),
  };
}

/** Does one thing and ends; reaches nobody until it says so. */
function job(name: string, command: readonly string[] | null): RoleFacts {
  const nothing = { connections: [], reads: [], settings: [], secrets: [] };
  return { name, command, ports: {}, databases: null, asksKubernetes: false, ...nothing };
}
