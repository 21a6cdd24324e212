/** `node test/chart/write-totals.ts`: puts what the profiles ask for into docs/operate/sizing.md. Needs helm (tools/chart/install.ts). */
import { readFileSync, writeFileSync } from "node:fs";
import { withTotals } from "./totals.ts";

const page = new URL("../../docs/operate/sizing.md", import.meta.url);
writeFileSync(page, withTotals(readFileSync(page, "utf8")));
