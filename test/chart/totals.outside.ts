// What the profiles ask a cluster for, and that the page for operators says the same.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { render, withoutHelm } from "./render.ts";
import { storageOf, sumOf, totalsOf, withTotals } from "./totals.ts";

const rounded = (number: number) => Math.round(number * 1000) / 1000;
const s1 = () => totalsOf(render({ profile: "s1" }));

suite("totals", { skip: withoutHelm }, () => {
  test("docs/operate/sizing.md states what is rendered (C40)", () => {
    const page = readFileSync(new URL("../../docs/operate/sizing.md", import.meta.url), "utf8");
    assert.equal(page, withTotals(page), "Run node test/chart/write-totals.ts.");
  });

  test("S1-78: the frontend asks for 600m to 2000m of CPU, the backend for 600m, the database for 500m", () => {
    const cpu = (component: string) => {
      const { least = 0, most = 0 } = s1().get(component)?.cpu ?? {};
      return [rounded(least), rounded(most)];
    };
    assert.deepEqual(
      [cpu("storefront"), cpu("backend"), cpu("postgres")],
      [
        [0.6, 2],
        [0.6, 0.6],
        [0.5, 0.5],
      ],
    );
  });

  test("S1-75, S1-76: these three add up to 1.7 to 3.1 processors and 2.75 to 4.5 GiB, which the document adds up wrongly (C40)", () => {
    const three = sumOf(["storefront", "backend", "postgres"].flatMap((name) => s1().get(name) ?? []));
    assert.deepEqual([rounded(three.cpu.least), rounded(three.cpu.most)], [1.7, 3.1]);
    assert.deepEqual([three.memory.least / 2 ** 30, three.memory.most / 2 ** 30], [2.75, 4.5]);
  });

  test("S1-77: the database has 10 GiB; copies of it have a volume of their own", () => {
    const objects = render({ profile: "s1" });
    const withoutCopies = objects.filter(({ kind }) => kind !== "PersistentVolumeClaim");
    assert.equal(storageOf(withoutCopies) / 2 ** 30, 10);
  });

  test("a page that states other totals is seen", () => {
    const page = readFileSync(new URL("../../docs/operate/sizing.md", import.meta.url), "utf8");
    const wrong = page.replace(/`s1`( +\| )(\d+)/, "`s1`$19$2");
    assert.notEqual(wrong, page);
    assert.notEqual(wrong, withTotals(wrong));
  });
});
