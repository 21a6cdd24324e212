/** The processes of a cluster that are no service: what they reach is as much a fact of the shop as what services reach. */
import { PlatformConfig } from "#platform/kit/settings.ts";
import type { ShopFile } from "#platform/kit/shop-file.ts";
import { AuditConfig, auditedServices } from "../audit/config.ts";
import { backendNames, BackendPorts } from "../commands/backend-program.ts";
import { settingFacts, type ServiceFacts } from "./constellation.ts";

export interface RoleFacts extends Pick<ServiceFacts, "connections" | "settings" | "secrets"> {
  readonly name: string;
  /** What it is started with, after `stoa`; null for programs of others. */
  readonly command: readonly string[] | null;
  /** Services that run in it: their settings, secrets, databases and whatever they reach outside are its own. */
  readonly runs: readonly string[];
  readonly ports: Partial<ServiceFacts["ports"]>;
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
export function rolesOf(shop: ShopFile, services: readonly ServiceFacts[]): RoleFacts[] {
  return [
    auditRole(services),
    { ...job("secrets", ["secrets", "make"]), asksKubernetes: true },
    { ...job("databases", ["databases", "make"]), databases: "administers" },
    { ...job("migrate", ["migrate"]), databases: "owns" },
    { ...job("backup", null), databases: "administers" },
    { ...job("test", null), connections: lookedAt },
    backendRole(shop),
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

/** All services but the storefront in one process: it calls nobody, and reaches what those that run in it reach outside. */
export function backendRole(shop: ShopFile): RoleFacts {
  const portOf = (name: keyof typeof BackendPorts) => Number(BackendPorts[name].defaultText);
  return {
    ...job("backend", ["serve", "backend"]),
    runs: backendNames(shop),
    ports: {
      grpc: Number(PlatformConfig.GRPC_PORT.defaultText),
      http: portOf("PORT"),
      operations: portOf("HTTP_PORT"),
    },
    databases: "owns",
  };
}

/** Does one thing and ends; reaches nobody until it says so. */
function job(name: string, command: readonly string[] | null): RoleFacts {
  const nothing = { runs: [], connections: [], reads: [], settings: [], secrets: [] };
  return { name, command, ports: {}, databases: null, asksKubernetes: false, ...nothing };
}
