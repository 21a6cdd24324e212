// Who hears what: emitters name nobody. The list of services says what each of them hears, the doors say what each emits.
import { eventKind, type EventHandler } from "#platform/database/events.ts";
import type { AnyService, ServiceEntry } from "./service.ts";
import { StartError } from "./start-error.ts";

/** Topics that services hear, by service. */
export type Hears = { readonly [service: string]: readonly string[] };

/** What the list of services says about hearing. */
export function hearsOf(entries: readonly Pick<ServiceEntry, "name" | "hears">[]): Hears {
  return Object.fromEntries(entries.map(({ name, hears = [] }) => [name, hears]));
}

/** The topics that a service emits, by its door. */
export function topicsOf({ emits = [] }: Pick<AnyService, "emits">): string[] {
  return emits.map((schema) => eventKind(schema).topic);
}

/** The services that hear something this one emits, with the topics. Nobody need be loaded to know. */
export function listenersOf(
  emitter: Pick<AnyService, "emits">,
  hears: Hears,
): { name: string; topics: string[] }[] {
  const emitted = new Set(topicsOf(emitter));
  return Object.entries(hears)
    .map(([name, topics]) => ({ name, topics: topics.filter((topic) => emitted.has(topic)) }))
    .filter(({ topics }) => topics.length > 0);
}

/** What a service hears by the list and what it has handlers for must be the same. Throws a StartError that names the difference. */
export function checkHandlers(
  name: string,
  heard: readonly string[],
  handlers: readonly EventHandler[],
): void {
  const handled = handlers.map(({ topic }) => topic);
  const twice = handled.find((topic, index) => handled.indexOf(topic) !== index);
  if (twice !== undefined) throw new StartError(`The ${name} service has two handlers for ${twice}.`);
  const deaf = heard.find((topic) => !handled.includes(topic));
  if (deaf !== undefined)
    throw new StartError(
      `The list of services says that ${name} hears ${deaf}, but its inbox has no handler for it. Add the handler, or take the topic out of the list.`,
    );
  const unlisted = handled.find((topic) => !heard.includes(topic));
  if (unlisted !== undefined)
    throw new StartError(
      `The inbox of ${name} has a handler for ${unlisted}, but the list of services does not say that ${name} hears it. Add it to hears.`,
    );
}

/**
 * Every topic has one emitter, and every topic that is heard has one. What nobody emits can be judged only where all services
 * of the list are loaded; elsewhere it is not.
 */
export function checkTopics(services: readonly AnyService[], order: readonly string[], hears: Hears): void {
  const emitters = new Map<string, string>();
  for (const service of services) {
    for (const topic of topicsOf(service)) {
      const other = emitters.get(topic);
      if (other !== undefined)
        throw new StartError(
          `Both ${other} and ${service.name} emit ${topic}. A topic belongs to one service.`,
        );
      emitters.set(topic, service.name);
    }
    if (topicsOf(service).length > 0 && service.database === undefined)
      throw new StartError(`The ${service.name} service emits events, but has no database to write them in.`);
  }
  const loaded = new Set(services.map(({ name }) => name));
  if (order.some((name) => !loaded.has(name))) return;
  for (const [name, topics] of Object.entries(hears)) {
    const silent = topics.find((topic) => !emitters.has(topic));
    if (silent !== undefined)
      throw new StartError(
        `The list of services says that ${name} hears ${silent}, but no service emits it. Mend the topic, or list its event in the emitter's door.`,
      );
  }
}
