import assert from "node:assert/strict";
import { test } from "node:test";
import { html } from "./html.ts";
import { filterView, ListAddress, pagesView, tableView, tickedIds } from "./table.ts";

const address = new ListAddress("/list", new URLSearchParams("status=open&cursor=abc&sort=name"));
const words = { label: "Pages", first: "First", next: "Next" };
const tight = (text: string) => text.replace(/\s*\n\s*/g, "").replace(/\s+/g, " ");

test("whatever is chosen, the list begins at its first page, and everything else stays chosen", () => {
  assert.equal(address.with({ status: "shut" }), "/list?status=shut&sort=name");
  assert.equal(address.with({ status: undefined, sort: undefined }), "/list");
  assert.equal(address.with({ q: "a&b=c" }), "/list?status=open&sort=name&q=a%26b%3Dc");
});

test("a heading sorts by its column, and turns the order round the second time", () => {
  const columns = [
    { heading: "Name", cell: (row: string) => row, sort: "name" },
    { heading: "Sum", cell: () => html`<b>1</b>`, sort: "sum", isFigure: true },
    { heading: "Note", cell: () => "x" },
  ];
  const text = tight(tableView({ caption: "Things", address, columns, rows: ["<i>"] }).text);
  assert.match(text, /aria-sort="ascending" ?><a href="\/list\?status=open&amp;sort=-name">Name/);
  assert.match(text, /aria-sort="none" class="figure"><a href="\/list\?status=open&amp;sort=sum">Sum/);
  assert.match(text, /<th scope="col" ?>Note<\/th>/);
  assert.match(text, /<td data-label="Name" ?>&lt;i&gt;<\/td><td data-label="Sum" class="figure"><b>1<\/b>/);
  assert.doesNotMatch(text, /<form|checkbox/, "rows that nothing can be done to are not in a form");
});

test("rows are ticked in one form, which says where it was sent from", () => {
  const bulk = {
    url: "/list",
    idOf: (row: string) => `id-${row}`,
    labelOf: (row: string) => `Select ${row}`,
    heading: "Selected",
    actions: [{ value: "close", text: "Close" }],
  };
  const columns = [{ heading: "Name", cell: (row: string) => row }];
  const text = tight(tableView({ caption: "Things", address, columns, rows: ["a", "b"], bulk }).text);
  assert.match(text, /<form class="bulk" action="\/list" method="post">/);
  assert.match(text, /name="back" value="\/list\?status=open&amp;sort=name&amp;cursor=abc"/);
  assert.match(text, /type="checkbox" name="id" value="id-b" aria-label="Select b"/);
  assert.match(text, /name="action" value="close">Close</);
  const form = new URLSearchParams("id=1&id=2&id=1&id=3");
  assert.deepEqual(tickedIds(form, 2), ["1", "2"], "each once, and not more than a page has");
});

test("the choice in force is marked, and counts stand beside their choices", () => {
  const choices = [{ text: "All" }, { value: "open", text: "Open", count: "3" }];
  const text = tight(filterView({ label: "State", address, name: "status", choices }).text);
  assert.match(text, /<a class="chip" href="\/list\?sort=name" ?>All<\/a>/);
  assert.match(text, /href="\/list\?status=open&amp;sort=name" aria-current="true" ?>Open <small>3<\/small>/);
});

test("pages lead on and back to the first, as far as there are any", () => {
  const later = tight(pagesView(address, "def", words)?.text ?? "");
  assert.match(later, /href="\/list\?status=open&amp;sort=name">First/);
  assert.match(later, /rel="next" href="\/list\?status=open&amp;sort=name&amp;cursor=def">Next/);
  const first = new ListAddress("/list", new URLSearchParams());
  assert.equal(pagesView(first, null, words), undefined);
  assert.doesNotMatch(pagesView(first, "def", words)?.text ?? "", /First/);
});
