// What services call of each other, and that no two of them can wait for each other.
import type { ExtensionDefinition } from "./extension.ts";
import type { AnyService, Needs } from "./service.ts";
import { StartError } from "./start-error.ts";

/** `needs` may name only services earlier in the list, so that a cycle cannot start. Events may go either way. */
export function checkOrder({
  services,
  order,
  extensions = [],
}: {
  services: readonly AnyService[];
  order: readonly string[];
  extensions?: readonly ExtensionDefinition[];
}): void {
  for (const definition of services) {
    const { name } = definition;
    for (const wanted of Object.keys(needsOf(definition, extensions))) {
      if (order.indexOf(wanted) < order.indexOf(name) && order.includes(wanted)) continue;
      const where = order.includes(wanted)
        ? "which comes after it in the list of services"
        : "which does not exist";
      throw new StartError(
        `The ${name} service needs ${wanted}, ${where}. Move it, or turn the call around with an event.`,
      );
    }
  }
}

/** A service has patience with others of the list only. */
export function checkPatience({ services, order }: Parameters<typeof checkOrder>[0]): void {
  for (const { name, patience = {} } of services) {
    const unknown = Object.keys(patience).find((neighbour) => !order.includes(neighbour));
    if (unknown !== undefined)
      throw new StartError(
        `The ${name} service says how long it waits for ${unknown}, which is not in the list of services. Take it out of patience, or correct the name.`,
      );
  }
}

/** What a service calls: its own needs, and those that extensions add on its behalf. */
export function needsOf(definition: AnyService, extensions: readonly ExtensionDefinition[]): Needs {
  const added = extensions.map(({ needs }) => needs?.[definition.name] ?? {});
  return Object.assign({}, definition.needs as Needs, ...added) as Needs;
}
