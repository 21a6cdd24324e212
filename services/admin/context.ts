import type { Session } from "#gen/rest/types.ts";
import type { Clock } from "#platform/kit/clock.ts";
import type { ConfigOf } from "#platform/kit/config.ts";
import { loadMessages } from "#platform/kit/messages.ts";
import type { Kit } from "#platform/kit/service.ts";
import type { ShopProcesses } from "#platform/operations/processes.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { LiveStreams } from "#platform/web/live.ts";
import { Renewals } from "#platform/web/renewals.ts";
import { Api, type ApiCaller } from "#platform/web/rest-api.ts";
import { loadStaticFiles, type StaticFiles } from "#platform/web/static-files.ts";
import { openTheme, themesOf } from "#platform/web/theme.ts";
import { Visitors } from "#platform/web/visitor.ts";
import { Words } from "#platform/web/words.ts";
import type { AdminConfig } from "./config.ts";
import { adminPages } from "./extension.ts";
import { KnownStaff } from "./known-staff.ts";
import { openRooms, type OpenRoom } from "./rooms.ts";
import { TradingFigures } from "./trading-figures.ts";
import en from "./messages/en.json" with { type: "json" };

export type AdminWords = Words<keyof typeof en>;

export interface AdminContext {
  readonly api: Api;
  readonly renewals: Renewals<Session, ApiCaller>;
  readonly visitors: Visitors;
  readonly live: LiveStreams;
  readonly knownStaff: KnownStaff;
  readonly figures: TradingFigures;
  readonly files: StaticFiles;
  readonly words: AdminWords;
  /** Of extensions. */
  readonly rooms: readonly OpenRoom[];
  /** All processes of the shop. */
  readonly processes: ShopProcesses;
  readonly shopName: string;
  readonly config: ConfigOf<typeof AdminConfig>;
  readonly clock: Clock;
  readonly log: Logger;
}

export async function openAdminContext(kit: Kit<typeof AdminConfig>): Promise<AdminContext> {
  const { name, config, clock, log, shop } = kit;
  const api = new Api({
    service: name,
    apiUrl: shop.apiUrl,
    httpTls: shop.httpTls,
    serviceKey: shop.serviceKey,
    currency: shop.currency,
    connectionsMax: config.ADMIN_API_CONNECTIONS_MAX,
    clock,
    openGuard: kit.openGuard,
  });
  const theme = await openTheme(themesOf(kit));
  const { locale } = shop;
  const own = new URL("./static/", import.meta.url);
  return {
    api,
    renewals: new Renewals(async (refreshToken, caller) => {
      return await api.send("refreshSession", { body: { refreshToken } }, { ...caller, token: undefined });
    }, clock),
    visitors: new Visitors({ proxies: config.TRUSTED_PROXIES, serviceKey: shop.serviceKey, clock }, shop),
    live: new LiveStreams({ clock, streamsMax: config.ADMIN_LIVE_STREAMS_MAX }),
    knownStaff: new KnownStaff(clock),
    figures: new TradingFigures(clock, config.ADMIN_TIME_ZONE),
    files: await loadStaticFiles({
      base: "/admin/static/",
      folders: [own, ...theme.statics],
      sheet: {
        path: "admin.css",
        pages: ["rooms", "ops", "ops-lists"].map((name) => new URL(`./styles/${name}.css`, import.meta.url)),
        themes: theme.sheets,
      },
    }),
    words: await loadWords(locale, theme.folders),
    rooms: await openRooms(kit.added(adminPages), { locale, themes: theme.folders }),
    processes: kit.watchShop(config.OPS_PROCESSES),
    shopName: shop.name,
    config,
    clock,
    log,
  };
}

export async function loadWords(locale: string, themes: readonly URL[]): Promise<AdminWords> {
  const folder = new URL("./messages/", import.meta.url);
  return new Words(await loadMessages({ service: "admin", folder, english: en, locale, themes }));
}
