// How the shop speaks and looks: its texts, its pictures, and the views of the house or of its themes.
import type { ShopFacts } from "#platform/kit/service.ts";
import { loadMessages } from "#platform/kit/messages.ts";
import { html, safeUrl } from "#platform/web/html.ts";
import type { StaticFiles } from "#platform/web/static-files.ts";
import { loadThemeViews, type Theme } from "#platform/web/theme.ts";
import { Words } from "#platform/web/words.ts";
import en from "./messages/en.json" with { type: "json" };
import { houseViews, type Views } from "./views/house-views.ts";

export type ShopWords = Words<keyof typeof en>;

/** What every view is given first, those of a theme too. */
export interface Look {
  readonly html: typeof html;
  readonly safeUrl: typeof safeUrl;
  readonly words: ShopWords;
  /** The views in force. */
  readonly views: Views;
  /** The views of the house, for a theme that only adds to one. */
  readonly house: Views;
  readonly shopName: string;
  readonly supportEmail: string;
  readonly themeColor: string;
  /** Undefined where the shop's name stands in letters instead of a picture. */
  readonly logo: Logo | undefined;
  /** The address of a static file. */
  readonly url: (file: string) => string;
}

export interface Logo {
  readonly onLight: string;
  readonly onDark: string;
}

/** The house's own logo spells this name. */
const houseName = "Stoa";

export async function loadWords(locale: string, themes: readonly URL[]): Promise<ShopWords> {
  const folder = new URL("./messages/", import.meta.url);
  return new Words(await loadMessages({ service: "storefront", folder, english: en, locale, themes }));
}

export async function openLook(shop: ShopFacts, files: StaticFiles, theme: Theme): Promise<Look> {
  const hasLogo = shop.name === houseName || theme.files.includes("img/logo.svg");
  return {
    html,
    safeUrl,
    words: await loadWords(shop.locale, theme.folders),
    views: { ...houseViews, ...(await loadThemeViews(theme, houseViews)) },
    house: houseViews,
    shopName: shop.name,
    supportEmail: shop.supportEmail,
    themeColor: files.themeColor,
    logo: hasLogo
      ? { onLight: files.url("img/logo.svg"), onDark: files.url("img/logo-on-dark.svg") }
      : undefined,
    url: (file) => files.url(file),
  };
}
