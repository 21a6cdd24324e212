import assert from "node:assert/strict";
import { test } from "node:test";
import { parseEcbRates } from "./ecb-xml.ts";

const page = (cubes: string, head = "") => `<?xml version="1.0" encoding="UTF-8"?>${head}
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
  <gesmes:subject>Reference rates</gesmes:subject>
  <Cube>${cubes}</Cube>
</gesmes:Envelope>`;
const usd = "<Cube currency='USD' rate='1.1305'/>";
const day = (cubes: string, on = "2030-01-02") => `<Cube time='${on}'>${cubes}</Cube>`;

test("a page of the bank is read: its day and its rates, in order, with EUR itself", () => {
  const rates = parseEcbRates(page(day(`${usd}<Cube currency="JPY" rate="126.40"/>`)));
  assert.equal(rates.publishedOn, "2030-01-02");
  assert.deepEqual(
    [...rates.units],
    [
      ["EUR", "1"],
      ["USD", "1.1305"],
      ["JPY", "126.40"],
    ],
  );
});

test("whatever is not such a page is refused", () => {
  const faults: [string, string][] = [
    ["nothing", ""],
    ["a page for people", "<!doctype html><html><body>Down for maintenance</body></html>"],
    ["text", "service unavailable"],
    ["a torn page", page(day(usd)).slice(0, -20)],
    ["no day", page(usd)],
    ["two days", page(day(usd) + day("<Cube currency='JPY' rate='126'/>", "2030-01-01"))],
    ["a day that is none", page(day(usd, "yesterday"))],
    ["no dollar", page(day("<Cube currency='JPY' rate='126'/>"))],
    ["one currency twice", page(day(usd + usd))],
    ["another rate of EUR", page(day(`${usd}<Cube currency='EUR' rate='2'/>`))],
    ["a code that is none", page(day(`${usd}<Cube currency='dollar' rate='2'/>`))],
    ["other names", page(day(usd)).replace("www.ecb.int", "example.org")],
    ["entities", page(day(usd), `<!DOCTYPE a [<!ENTITY x "y">]>`)],
  ];
  for (const [what, xml] of faults) assert.throws(() => parseEcbRates(xml), /cannot be read/, what);
});
