import { defineConfig } from "#platform/kit/config.ts";
import { defineProvider } from "#platform/kit/extension.ts";
import { deleteFile, findFile, insertFile, listFiles } from "./file-store.ts";
import { faultOfFile, filesPort, isFileName } from "./provider.ts";

/** Files in the database of the catalogue, the same for all replicas and part of its backup. */
export const databaseFiles = defineProvider(filesPort, {
  name: "database",
  config: defineConfig({}),
  create: ({ db }) => ({
    put: async (file) => {
      const fault = faultOfFile(file);
      if (fault !== undefined) throw new Error(fault);
      await insertFile(db, file);
    },
    get: async (name) => (isFileName(name) ? await findFile(db, name) : undefined),
    remove: async (name) => {
      if (isFileName(name)) await deleteFile(db, name);
    },
    list: async (after, limit) => await listFiles(db, after, limit),
  }),
});
