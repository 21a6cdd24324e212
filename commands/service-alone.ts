// What a service needs of its environment when it runs in a process of its own.
import { singleServer } from "#platform/database/database-home.ts";
import { addressFault, addressNames, addressOf } from "#platform/kit/addresses.ts";
import { defineConfig, setting, type ConfigOf, type Environment } from "#platform/kit/config.ts";
import { chosenProvider, portEntriesOf } from "#platform/kit/extension-kit.ts";
import { hearsOf, listenersOf } from "#platform/kit/hearing.ts";
import { restAddress } from "#platform/kit/program.ts";
import { needsOf } from "#platform/kit/needs.ts";
import type { AnyService } from "#platform/kit/service.ts";
import type { PlatformConfig } from "#platform/kit/settings.ts";
import { loadExtensions, type ShopFile } from "#platform/kit/shop-file.ts";
import { StartError } from "#platform/kit/start-error.ts";

const serviceKeyLengthMin = 32;

/** A service alone has ports of its own, so that all of them fit on one machine. */
export function portsOf({ name, grpcPort = 0, http }: AnyService) {
  return defineConfig({
    PORT: setting.port({
      default: http?.port ?? 3000,
      doc: "HTTP port of a service that answers HTTP.",
    }),
    GRPC_PORT: setting.port({ default: grpcPort, doc: `gRPC port of the ${name} service.` }),
    HTTP_PORT: setting.port({
      default: http?.operationsPort ?? 8080,
      doc: "Operations port: /health, /ready, /status/200, /metrics.",
    }),
  });
}

/** Everything that must be set and is not, or not well enough; empty when the service can start. */
export async function missingForService(
  shop: ShopFile,
  definition: AnyService,
  environment: Environment,
  config: Pick<ConfigOf<typeof PlatformConfig>, "SERVICE_KEY" | "GRPC_TLS">,
): Promise<string[]> {
  const faults = faultsOfKey(config);
  if (definition.database !== undefined) faults.push(...faultOf(() => singleServer(definition, environment)));
  faults.push(...faultsOfProviders(definition, environment));
  for (const service of await calledBy(shop, definition)) {
    const address = addressOf(service, environment, shop.addressAliases[service]);
    const isEncrypted = (config.GRPC_TLS ?? "off") !== "off";
    const fault = address === undefined ? undefined : addressFault(service, address, isEncrypted);
    if (fault !== undefined) faults.push(fault);
    if (address !== undefined) continue;
    const [name] = addressNames(service);
    faults.push(
      `The ${definition.name} service calls ${service}, but ${name} is not set. Set it to host:port of the ${service} service.`,
    );
  }
  if (definition.reaches?.includes("gateway") && restAddress(shop, environment) === undefined)
    faults.push(
      `The ${definition.name} service asks the REST API, but GATEWAY_URL is not set. Set it to http://host:port of the gateway.`,
    );
  return faults;
}

/** A process that is not the whole shop proves who it is, and believes others that do. */
export function faultsOfKey({ SERVICE_KEY }: Pick<ConfigOf<typeof PlatformConfig>, "SERVICE_KEY">): string[] {
  if ((SERVICE_KEY?.reveal().length ?? 0) >= serviceKeyLengthMin) return [];
  return [
    `SERVICE_KEY must be set to at least ${serviceKeyLengthMin} random characters, the same for all services: with it they prove who they are to each other.`,
  ];
}

/** Ports that must be answered by something that a setting names. */
export function faultsOfProviders(definition: AnyService, environment: Environment): string[] {
  return portEntriesOf(definition).flatMap((entry) =>
    faultOf(() => chosenProvider(entry, environment, false)),
  );
}

/** Services that it calls over gRPC, or sends events to; and the issuer, for its keys. */
export async function calledBy(shop: ShopFile, definition: AnyService): Promise<Set<string>> {
  const extensions = await loadExtensions(shop, [definition.name]);
  const listeners = listenersOf(definition, hearsOf(shop.services)).map(({ name }) => name);
  const called = new Set([...Object.keys(needsOf(definition, extensions)), ...listeners]);
  if (definition.verifiesTokens !== false) called.add(shop.issuer);
  called.delete(definition.name);
  return called;
}

/** What an attempt throws as a sentence for the operator. */
export function faultOf(attempt: () => unknown): string[] {
  try {
    attempt();
    return [];
  } catch (error) {
    if (error instanceof StartError) return [error.message];
    throw error;
  }
}
