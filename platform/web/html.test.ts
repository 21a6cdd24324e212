import assert from "node:assert/strict";
import { test } from "node:test";
import { attribute, html, Html, safeUrl, type HtmlValue } from "./html.ts";

const payloads = [
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  "</title><svg/onload=alert(1)>",
  "&lt;script&gt;",
  "<!--",
  "]]>",
  "`${alert(1)}`",
  "\u2028<b>",
];

/** What a browser makes of the five entities. */
function unescape(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}

test("a value in text can neither open a tag nor an entity, and reads as it was given", () => {
  for (const payload of payloads) {
    const inner = html`<p>${payload}</p>`.text.slice(3, -4);
    assert.doesNotMatch(inner, /[<>"']/);
    assert.equal(unescape(inner), payload);
  }
});

test("a value in a quoted attribute cannot leave it", () => {
  for (const payload of payloads) {
    const { text } = html`<p title="${payload}">x</p>`;
    assert.equal(/^<p title="([^"<>]*)">x<\/p>$/.exec(text)?.[1]?.includes("'"), false, text);
  }
});

test("what the template made itself is not escaped again, at any depth", () => {
  const rows = ["<a>", "b"].map((row) => html`<li>${row}</li>`);
  assert.equal(html`<b>${rows}</b>`.text, "<b><li>&lt;a&gt;</li><li>b</li></b>");
});

test("indentation of the source is not sent, spaces and lines of values are", () => {
  const text = html`
    <p>
      <b>${"a\n  b"}</b>
    </p>
  `.text;
  assert.equal(text, "\n<p>\n<b>a\n  b</b>\n</p>\n");
  const tag = html`<img src="${"a\n b"}" alt="x" />`.text;
  assert.equal(tag, '<img src="a\n b" alt="x"/>');
});

test("an object that looks like Html is not taken for it", () => {
  const fake = { text: "<script>" } as unknown as HtmlValue;
  assert.throws(() => html`<p>${fake}</p>`);
  assert.throws(() => new Html("<script>", Symbol("maker") as never), /html template only/);
});

test("false, null and undefined are nothing; zero is zero", () => {
  assert.equal(html`<p>${false}${null}${undefined}${0}${10n}</p>`.text, "<p>010</p>");
});

test("an attribute without a value is written only when it is wanted", () => {
  const radio = (isChecked: boolean) => html`<b title="a" ${attribute("checked", isChecked)}>x</b>`.text;
  assert.equal(radio(true), '<b title="a"  checked>x</b>');
  assert.equal(radio(false), '<b title="a" >x</b>');
});

test("a value in a place where escaping does not help is refused, even a harmless one", () => {
  const harmless = "a";
  assert.throws(() => html`<p class=${harmless}>x</p>`, /double-quoted/);
  assert.throws(() => html`<${harmless}>x</p>`, /double-quoted/);
  assert.throws(() => html`<p ${harmless}>x</p>`, /between attributes/);
  assert.throws(
    () =>
      html`<script>
        ${harmless};
      </script>`,
    /script/,
  );
  assert.throws(
    () =>
      html`<style>
        ${harmless}
      </style>`,
    /style/,
  );
  assert.throws(() => html`<!-- ${harmless} -->`, /comment/);
  assert.throws(() => html`<p onclick="${harmless}">x</p>`, /onclick/);
  assert.throws(() => html`<p style="${harmless}">x</p>`, /style/);
  assert.throws(() => html`<p title="${html`<b></b>`}">x</p>`, /inside an attribute/);
});

test("a greater-than sign inside an attribute does not hide where the next value stands", () => {
  assert.equal(html`<p title="a > b" lang="${"<"}">${"<"}</p>`.text, '<p title="a > b" lang="&lt;">&lt;</p>');
});

test("addresses are https or a path of this origin, nothing else", () => {
  for (const good of ["/static/a.svg", "/", "https://example.com/a.png?b=c&d"])
    assert.equal(safeUrl(good), good);
  const bad = [
    "javascript:alert(1)",
    " javascript:alert(1)",
    "data:text/html,x",
    "//evil.example",
    "/\\evil.example",
  ];
  bad.push("http://example.com/a.png", "vbscript:x", "", "https:///x", "/a\tb", "java\nscript:x");
  for (const url of bad) assert.equal(safeUrl(url), undefined, url);
  assert.equal(safeUrl(undefined), undefined);
});
