import { Agent, request } from "undici";
import type { Clock } from "#platform/kit/clock.ts";
import { defineConfig, setting } from "#platform/kit/config.ts";
import { defineProvider } from "#platform/kit/extension.ts";
import { parseEcbRates } from "./ecb-xml.ts";
import { ratePort, type PublishedRates, type RateProvider } from "./provider.ts";

/** The daily reference rates of the European Central Bank. */
export const ecbProvider = defineProvider(ratePort, {
  name: "ecb",
  config: defineConfig({
    CURRENCY_ECB_URL: setting.url({
      default: "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml",
      schemes: ["https", "http"],
      doc: "Address of the daily reference rates as XML; used when CURRENCY_PROVIDER is ecb.",
    }),
  }),
  reaches: [{ setting: "CURRENCY_ECB_URL", ports: { http: 80, https: 443 } }],
  create: ({ config, clock }) => createEcbProvider({ url: config.CURRENCY_ECB_URL, clock }),
});

export interface EcbOptions {
  readonly url: string;
  readonly clock: Clock;
  /** For the whole exchange. */
  readonly timeoutMs?: number;
}

const sizeBytesMax = 256 * 1024;
/** The bank rests on weekends and holidays, four days at most in a row; anything older is not its current page. */
const ageDaysMax = 10;

export function createEcbProvider({ url, clock, timeoutMs = 10_000 }: EcbOptions): RateProvider {
  return {
    name: "ecb",
    isLive: true,
    fetchRates: async () => {
      const now = clock.now();
      const published = parseEcbRates(await download(url, timeoutMs));
      assertCurrent(published, now);
      return published;
    },
  };
}

async function download(url: string, timeoutMs: number): Promise<string> {
  const dispatcher = new Agent({ maxResponseSize: sizeBytesMax, connect: { timeout: timeoutMs } });
  try {
    const { statusCode, body } = await request(url, { dispatcher, signal: AbortSignal.timeout(timeoutMs) });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`The server answered ${statusCode} instead of 200.`);
    return text;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `The exchange rates could not be fetched from ${url}: ${why} The last good ones stay in force.`,
      { cause },
    );
  } finally {
    await dispatcher.destroy();
  }
}

function assertCurrent({ publishedOn = "" }: PublishedRates, now: Date): void {
  const ageDays = (now.getTime() - Date.parse(publishedOn)) / 86_400_000;
  if (!(ageDays > -1 && ageDays < ageDaysMax))
    throw new Error(
      `The exchange rates are dated ${publishedOn}, which is not within ${ageDaysMax} days of today. The last good ones stay in force.`,
    );
}
