import assert from "node:assert/strict";
import { test } from "node:test";
import { html } from "./html.ts";

test("values are escaped, HTML made by html is not escaped again", () => {
  const name = `<img src=x onerror="alert('1')"> & co`;
  const inner = html`<b>${name}</b>`;
  const escaped = "&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt; &amp; co";
  assert.equal(inner.toString(), `<b>${escaped}</b>`);
  assert.equal(
    html`<p>${inner}${[inner, inner]}${7}</p>`.toString(),
    `<p>${`<b>${escaped}</b>`.repeat(3)}7</p>`,
  );
});
