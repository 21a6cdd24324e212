import { guestIdOfSession } from "#platform/auth/guest.ts";
import { guestKeyOf } from "#platform/auth/guest-key.ts";
import type { Clock } from "#platform/kit/clock.ts";
import type { ConfigOf } from "#platform/kit/config.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import type { Flags } from "#platform/kit/flags.ts";
import type { Kit, ShopFacts } from "#platform/kit/service.ts";
import { Api, type ApiCaller } from "#platform/web/rest-api.ts";
import type { Category, PaymentMethod, Session } from "#gen/rest/types.ts";
import type { StorefrontConfig } from "./config.ts";
import { Cached, fetchedOnce } from "./cached.ts";
import { Deliveries } from "./delivery.ts";
import { paymentForms, type PaymentForm } from "./extension.ts";
import { openLook, type Look } from "./look.ts";
import { openTheme, themesOf } from "#platform/web/theme.ts";
import { GuestTokens, type GuestSource } from "./guest-tokens.ts";
import { Renewals } from "#platform/web/renewals.ts";
import { Visitors } from "#platform/web/visitor.ts";
import { loadStaticFiles, type StaticFiles } from "#platform/web/static-files.ts";

export interface StorefrontContext {
  readonly api: Api;
  readonly guestTokens: GuestTokens;
  readonly renewals: Renewals<Session, ApiCaller>;
  readonly categories: Cached<readonly Category[], ApiCaller>;
  readonly currencies: Cached<readonly string[], ApiCaller>;
  readonly deliveries: Deliveries;
  /** How buyers pay. */
  readonly method: Cached<PaymentMethod, ApiCaller>;
  /** Whether mails leave the shop. */
  readonly sendsMails: Cached<boolean, ApiCaller>;
  /** Of the payment providers that have one, by the provider's name. */
  readonly paymentForms: ReadonlyMap<string, PaymentForm>;
  readonly files: StaticFiles;
  readonly visitors: Visitors;
  readonly look: Look;
  readonly shop: ShopFacts;
  readonly config: ConfigOf<typeof StorefrontConfig>;
  readonly flags: Flags;
  readonly clock: Clock;
  readonly log: Logger;
}

/** From the top of a page to its end, and from what many pages show to what one shows. */
const styles = ["header", "home", "cards", "listing", "product", "checkout", "orders", "footer"].map(
  (name) => new URL(`./styles/${name}.css`, import.meta.url),
);

export async function openStorefrontContext(kit: Kit<typeof StorefrontConfig>): Promise<StorefrontContext> {
  const { config, flags, clock, log, shop } = kit;
  const api = new Api({
    service: kit.name,
    apiUrl: shop.apiUrl,
    httpTls: shop.httpTls,
    serviceKey: shop.serviceKey,
    currency: shop.currency,
    connectionsMax: config.STOREFRONT_API_CONNECTIONS_MAX,
    clock,
    openGuard: kit.openGuard,
  });
  const theme = await openTheme(themesOf(kit));
  const forms = kit.added(paymentForms);
  const files = await loadStaticFiles({
    base: "/static/",
    folders: [new URL("./static/", import.meta.url), ...forms.map(({ files }) => files), ...theme.statics],
    sheet: { path: "shop.css", pages: styles, themes: theme.sheets },
  });
  return {
    api,
    guestTokens: new GuestTokens(guestSource(api, kit), clock),
    renewals: new Renewals(async (refreshToken, caller) => {
      const asNobody = { ...caller, token: undefined };
      return await api.send("refreshSession", { body: { refreshToken } }, asNobody);
    }, clock),
    // Half a second, because what was made in another process is told of by nobody; and a shop without one may get its first now.
    categories: new Cached(
      clock,
      500,
      async (caller) => {
        const answer = await api.send("listCategories", {}, caller);
        return answer.items;
      },
      (categories) => categories.length > 0,
    ),
    currencies: knownCurrencies(api, kit),
    deliveries: new Deliveries(
      clock,
      async (body, caller) => (await api.send("quoteShipping", { body }, caller)).methods,
    ),
    method: new Cached(clock, 60_000, async (caller) => await api.send("showPaymentMethod", {}, caller)),
    sendsMails: new Cached(clock, 60_000, async (caller) => {
      return (await api.send("describeMailDelivery", {}, caller)).isSent;
    }),
    paymentForms: new Map(forms.map((form) => [form.provider, form])),
    visitors: new Visitors({ proxies: config.TRUSTED_PROXIES, serviceKey: shop.serviceKey, clock }, shop),
    files,
    look: await openLook(shop, files, theme),
    shop,
    config,
    flags,
    clock,
    log,
  };
}

function guestSource(api: Api, { shop, clock }: Kit<typeof StorefrontConfig>): GuestSource {
  return {
    sign: (sessionKey) => guestKeyOf(shop.serviceKey).sign(guestIdOfSession(sessionKey), clock.now()),
    ask: async (sessionKey, caller) =>
      await api.send("createGuest", { body: { sessionKey } }, { ...caller, token: undefined }),
  };
}

/** One replica asks for all, where they share something. */
function knownCurrencies(
  api: Api,
  { clock, shared }: Pick<Kit<typeof StorefrontConfig>, "clock" | "shared">,
): Cached<readonly string[], ApiCaller> {
  const ask = async (caller: ApiCaller): Promise<readonly string[]> => {
    const answer = await api.send("listCurrencies", {}, caller);
    return answer.items.map(({ code }) => code);
  };
  const shownFor = { key: "storefront.currencies", keptMs: 60_000 };
  return new Cached(clock, 600_000, fetchedOnce(shared, shownFor, ask));
}
