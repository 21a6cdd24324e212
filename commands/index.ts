import type { CommandContext } from "./command.ts";

export type Command = (context: CommandContext) => Promise<void>;

interface CommandEntry {
  readonly doc: string;
  readonly load: () => Promise<Command>;
  /** Runs whatever the settings say: it reads none, or tells of all their faults itself. */
  readonly anySettings?: true;
}

/** Every command: one sentence, and how to load it when it is wanted. */
export const commands: { readonly [name: string]: CommandEntry } = {
  serve: {
    doc: "serve all | serve split | serve <service> | serve audit: runs the whole shop, one process a service, one service, or the audit",
    load: async () => (await import("./serve.ts")).serve,
  },
  migrate: {
    doc: "migrate: brings every database up to date and ends",
    load: async () => (await import("./migrate.ts")).migrateAll,
  },
  seed: {
    doc: "seed: writes the first data (demo catalogue, first admin) and ends",
    load: async () => (await import("./seed.ts")).seed,
  },
  import: {
    doc: "import <file.csv|file.json>: adds or updates products, with progress",
    load: async () => (await import("./import.ts")).importProducts,
  },
  search: {
    doc: "search rebuild: tells the search engine of CATALOG_SEARCH of every product anew, with progress",
    load: async () => (await import("./search.ts")).search,
  },
  check: {
    doc: "check: checks every rule about money, stock and orders on the books of all services",
    load: async () => (await import("./check.ts")).check,
  },
  tasks: {
    doc: "tasks list|retry [service] [name] [key]: shows how waiting work stands and what was given up, or makes that due again",
    load: async () => (await import("./tasks.ts")).tasks,
  },
  config: {
    doc: "config --check | --print [service]: checks the settings of all services or of one, or shows them without secrets",
    load: async () => (await import("./config.ts")).config,
    anySettings: true,
  },
  admin: {
    doc: "admin create <email>: makes an admin and prints the password once",
    load: async () => (await import("./admin.ts")).admin,
  },
  user: {
    doc: "user erase <email>: forgets a person everywhere but where the law keeps the order",
    load: async () => (await import("./user.ts")).user,
  },
  new: {
    doc: "new <folder>: makes a project of your own: a shop file, an example extension, a theme",
    load: async () => (await import("./new.ts")).newShop,
    anySettings: true,
  },
};

export function usage(): string {
  const lines = Object.values(commands).map(({ doc }) => `  stoa ${doc}`);
  return ["Stoa, a shop in one program.", "", ...lines, ""].join("\n");
}
