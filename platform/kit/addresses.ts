// Where services are, when they are not in this process: one setting for each, under any of its names.
import { setting, type Environment, type Setting } from "./config.ts";

/** CATALOG_URL, or the names that other charts use for the same thing, in the order in which they count. */
export function addressNames(service: string, aliases: readonly string[] = []): [string, ...string[]] {
  const upper = service.toUpperCase().replaceAll("-", "_");
  return [`${upper}_URL`, `${upper}_SERVICE_ADDR`, ...aliases, `${upper}_SERVICE`];
}

/** The address of a service as the environment says it; `aliases` are those of this one service. */
export function addressOf(
  service: string,
  environment: Environment,
  aliases: readonly string[] = [],
): string | undefined {
  for (const name of addressNames(service, aliases)) if (environment[name]) return environment[name];
  return undefined;
}

/** What is wrong with calling a service over gRPC at this address; undefined when nothing is. */
export function addressFault(service: string, address: string, isEncrypted: boolean): string | undefined {
  if (isEncrypted || !/^https:/i.test(address)) return undefined;
  return `The address of the ${service} service is ${address}, but GRPC_TLS is off: it would be called in plaintext. Set GRPC_TLS, or leave https:// out.`;
}

/** The same as an origin for HTTP: a bare host:port is http. */
export function originOfAddress(address: string): string {
  const url = URL.parse(/^https?:\/\//.test(address) ? address : `http://${address}`);
  return url?.origin ?? address;
}

/** The address of a service as a setting, for whoever lists or checks settings. */
export function addressSetting(
  service: string,
  aliases: readonly string[] = [],
): Setting<string | undefined> {
  const [, ...others] = addressNames(service, aliases);
  const text = setting.optionalText({
    doc: `Where the ${service} service answers, when it runs in another process: host:port, http://host:port, https://host:port (refused unless GRPC_TLS is on), dns:///host:port, or ipv4:address:port,address:port for several replicas without a name.`,
    aliases: others,
  });
  return {
    ...text,
    type: "address",
    read: (value) => {
      const isOne = /^(https?:\/\/|dns:\/\/\/)?(\[[\da-f:]+\]|[\w.-]+)(:\d{1,5})?\/?$/i;
      const areSeveral = /^ipv4:[\d.]+:\d{1,5}(,[\d.]+:\d{1,5})*$/;
      if (value && !isOne.test(value) && !areSeveral.test(value))
        throw new Error(
          "must be host:port, http://host:port, https://host:port, dns:///host:port or ipv4:address:port,address:port",
        );
      return text.read(value);
    },
  };
}
