import assert from "node:assert/strict";
import { test } from "node:test";
import { imageUrlFault } from "./image-url.ts";

test("https addresses and paths on this site are pictures' addresses, and so is none", () => {
  for (const url of [
    "",
    "/static/img/mug.svg",
    "/a?b=c#d",
    "https://cdn.example.com/a.jpg?w=1",
    "https://example.com",
  ])
    assert.equal(imageUrlFault(url), undefined, url);
});

test("scripts, data, other hosts in disguise, plain http, credentials and odd characters are none", () => {
  const wrong = [
    "javascript:alert(1)",
    "JAVASCRIPT:alert(1)",
    " javascript:alert(1)",
    "data:image/svg+xml,<svg/>",
    "http://example.com/a.jpg",
    "HTTPS://example.com/a.jpg",
    "//example.com/a.jpg",
    "/\\example.com/a.jpg",
    "/\t/example.com/a.jpg",
    "\\\\example.com",
    "https:/example.com",
    "https://user:pass@example.com/a.jpg",
    "https://",
    "static/img/a.svg",
    "../a.svg",
    '/a" onerror="alert(1)',
    "/a b",
    "/a\0",
    `/${"a".repeat(2_048)}`,
  ];
  for (const url of wrong) assert.notEqual(imageUrlFault(url), undefined, url);
});
