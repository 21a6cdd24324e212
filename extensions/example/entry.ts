// What the shop file lists. It loads nothing but what a process needs.
import type { ExtensionEntry } from "#platform/kit/service.ts";

export const gifts: ExtensionEntry = {
  name: "gifts",
  services: [
    {
      name: "gifts",
      hears: ["order.placed", "user.erased"],
      load: async () => (await import("./service.ts")).giftService,
    },
  ],
  load: async () => (await import("./extension.ts")).giftExtension,
};
