import { SaxesParser } from "saxes";
import type { PublishedRates } from "./provider.ts";
import { isDay } from "#platform/kit/calendar.ts";

const namespace = "http://www.ecb.int/vocabulary/2002-08-01/eurofxref";
const currenciesMax = 200;

/** Reads the bank's page strictly: well-formed XML, no document type, one day, each currency once. Throws an Error otherwise. */
export function parseEcbRates(xml: string): PublishedRates {
  const days: string[] = [];
  const units = new Map([["EUR", "1"]]);
  const parser = new SaxesParser({ xmlns: true });
  parser.on("error", (error) => fail(error.message));
  parser.on("doctype", () => fail("a document type is not expected"));
  parser.on("opentag", ({ uri, local, attributes }) => {
    if (uri !== namespace || local !== "Cube") return;
    const time = attributes["time"]?.value;
    if (time !== undefined) days.push(time);
    const code = attributes["currency"]?.value;
    if (code === undefined) return;
    if (!/^[A-Z]{3}$/.test(code) || units.has(code) || units.size >= currenciesMax)
      fail(`the currency "${code.slice(0, 16)}" is no code, or stands there twice`);
    units.set(code, attributes["rate"]?.value ?? "");
  });
  parser.write(xml).close();
  const [publishedOn = ""] = days;
  if (days.length !== 1 || !isDay(publishedOn)) fail("exactly one day is expected");
  if (!units.has("USD")) fail("there is no rate of USD");
  return { publishedOn, units };
}

function fail(why: string): never {
  throw new Error(
    `The page with the exchange rates cannot be read: ${why}. The last good ones stay in force.`,
  );
}
