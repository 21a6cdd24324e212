// The API reference as one plain page, for browsers without scripts: HTML made from the OpenAPI document, nothing from elsewhere.
import { createHash } from "node:crypto";
import type { OpenApi, Operation } from "./openapi.ts";

type Json = { readonly [name: string]: unknown };

export interface PlainReference {
  readonly html: string;
  /** Allows this page's own style and nothing else. */
  readonly contentSecurityPolicy: string;
}

export function plainReferenceOf(document: OpenApi): PlainReference {
  const { info, tags, paths, components } = document;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const sections = tags.map(({ name, description }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name));
    const body = own.map(({ path, method, operation }) => operationHtml(path, method, operation)).join("\n");
    return `<section id="tag-${escape(name)}"><h2>${escape(name)}</h2><p>${prose(description)}</p>${body}</section>`;
  });
  const schemas = Object.entries(components.schemas)
    .map(([name, schema]) => schemaHtml(name, schema))
    .join("\n");
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(info.title)} API</title><style>${style}</style></head><body>
<nav aria-label="Sections"><strong>${escape(info.title)} API</strong>
<a href="/">To the shop</a>
<a href="/docs">Authentication, and trying it</a>
${tags.map(({ name }) => `<a href="#tag-${escape(name)}">${escape(name)}</a>`).join("\n")}
<a href="#schemas">Schemas</a></nav>
<main><h1>${escape(info.title)} API <small>${escape(info.version)}</small></h1><p>${prose(info.description)}</p>
<p>For programs: <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1). <span class="lock">token</span> marks what wants a bearer token.</p>
${sections.join("\n")}
<section id="schemas"><h2>Schemas</h2>${schemas}</section></main></body></html>`;
  const hash = createHash("sha256").update(style).digest("base64");
  return {
    html,
    contentSecurityPolicy: `default-src 'none'; style-src 'sha256-${hash}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
  };
}

function operationHtml(path: string, method: string, operation: Operation): string {
  const { operationId, summary, description = "", security, parameters, requestBody, responses } = operation;
  const lock = security.length > 0 ? ' <span class="lock">token</span>' : "";
  const rows = parameters.map(({ name, in: place, required, description: text = "", schema }) =>
    row([
      `<code>${escape(name)}</code>`,
      escape(place),
      required ? "yes" : "",
      typeHtml(schema),
      prose(text),
    ]),
  );
  const body = requestBody
    ? `<h4>Body</h4><p>${typeHtml(contentSchema(requestBody))}</p>${exampleHtml(mediaOf(requestBody)?.example)}`
    : "";
  const answers = Object.entries(responses).map(([status, response]) =>
    row([`<code>${status}</code>`, answerHtml(response)]),
  );
  return `<details id="${escape(operationId)}"><summary><b class="${method}">${method.toUpperCase()}</b> <code>${escape(path)}</code>${lock}
<span>${escape(summary)}</span></summary><p>${prose(description)}</p>
${rows.length > 0 ? `<h4>Parameters</h4>${tableHtml([row(["Name", "In", "Required", "Type", "Meaning"], "th"), ...rows])}` : ""}
${body}<h4>Answers</h4>${tableHtml(answers)}${exampleHtml(mediaOf(Object.values(responses)[0] ?? {})?.example)}</details>`;
}

function answerHtml(response: Json): string {
  const { $ref, description } = response;
  if (typeof $ref === "string") return `<a href="#Problem">${escape(nameOf($ref))}</a>`;
  const schema = contentSchema(response);
  return `${prose(String(description))}${schema ? ` ${typeHtml(schema)}` : ""}`;
}

function contentSchema(holder: Json): Json | undefined {
  return mediaOf(holder)?.schema;
}

function mediaOf(holder: Json): { schema?: Json; example?: unknown } | undefined {
  const content = (holder["content"] ?? {}) as { [type: string]: { schema?: Json; example?: unknown } };
  return Object.values(content)[0];
}

function schemaHtml(name: string, schema: Json): string {
  const {
    description = "",
    properties = {},
    required = [],
  } = schema as {
    description?: string;
    properties?: { [name: string]: Json };
    required?: string[];
  };
  const rows = Object.entries(properties).map(([field, type]) =>
    row([
      `<code>${escape(field)}</code>`,
      required.includes(field) ? "yes" : "",
      typeHtml(type),
      prose(textOf(type["description"])),
    ]),
  );
  const table =
    rows.length > 0
      ? tableHtml([row(["Field", "Always", "Type", "Meaning"], "th"), ...rows])
      : typeHtml(schema);
  return `<article id="${escape(name)}"><h3>${escape(name)}</h3><p>${prose(description)}</p>${table}</article>`;
}

function typeHtml(schema: Json | undefined): string {
  if (!schema) return "";
  const { $ref, type, items, anyOf, enum: values, additionalProperties } = schema;
  if (typeof $ref === "string") return `<a href="#${escape(nameOf($ref))}">${escape(nameOf($ref))}</a>`;
  if (Array.isArray(values)) return values.map((value) => `<code>${escape(String(value))}</code>`).join(" ");
  if (Array.isArray(anyOf)) return anyOf.map((inner) => typeHtml(inner as Json)).join(" or ");
  if (type === "array") return `list of ${typeHtml(items as Json)}`;
  if (type === "object" && typeof additionalProperties === "object") return "object by name";
  const name = Array.isArray(type) ? type.join(" or ") : textOf(type) || "any";
  return escape(name) + boundsHtml(schema);
}

function boundsHtml(schema: Json): string {
  const { format, pattern, minimum, maximum, maxLength } = schema as {
    [name in "format" | "pattern" | "minimum" | "maximum" | "maxLength"]?: string | number;
  };
  const bounds = [
    format,
    pattern,
    minimum === undefined ? undefined : `≥ ${minimum}`,
    maximum === undefined ? undefined : `≤ ${maximum}`,
    maxLength === undefined ? undefined : `at most ${maxLength} characters`,
  ].filter((bound) => bound !== undefined);
  return bounds.length > 0 ? ` <small>${escape(bounds.join(", "))}</small>` : "";
}

function exampleHtml(example: unknown): string {
  if (typeof example !== "object") return "";
  return `<pre tabindex="0">${escape(JSON.stringify(example, undefined, 2))}</pre>`;
}

/** A table that is wider than the window is moved by itself, also by keyboard. */
function tableHtml(rows: readonly string[]): string {
  return `<div class="wide" tabindex="0"><table>${rows.join("")}</table></div>`;
}

function row(cells: readonly string[], tag = "td"): string {
  return `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join("")}</tr>`;
}

function nameOf($ref: string): string {
  return $ref.slice($ref.lastIndexOf("/") + 1);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Text with `code` in backquotes. */
function prose(text: string): string {
  return escape(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>");
}

function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

const style = `:root{color-scheme:light dark;--ink:light-dark(#1c2430,#e6e9ee);--soft:light-dark(#5b6675,#a3adba);--line:light-dark(#d8dde4,#333c48);--paper:light-dark(#fff,#14181e);--wash:light-dark(#f4f6f8,#1c222a)}
*{box-sizing:border-box}body{margin:0;display:grid;grid-template-columns:13rem minmax(0,60rem);gap:2rem;font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
nav{position:sticky;top:0;height:100vh;padding:2rem 1.5rem;border-right:1px solid var(--line);display:flex;flex-direction:column;gap:.4rem}
main{padding:2rem 1.5rem 6rem;min-width:0;overflow-wrap:anywhere}a{color:inherit}h2{margin-top:3rem}h4{margin:1rem 0 .3rem}small,span{color:var(--soft)}code,pre{font:.9em ui-monospace,monospace}
details{border:1px solid var(--line);border-radius:8px;margin:.5rem 0;padding:.6rem 1rem}summary{cursor:pointer}summary span{margin-left:.6rem}
b{display:inline-block;min-width:4.5rem}.get{color:light-dark(#0a6b3d,#5fd39a)}.post{color:light-dark(#1a56b4,#82b1ff)}.put,.patch{color:light-dark(#8a5a00,#f0bd5b)}.delete{color:light-dark(#a8231f,#ff8d87)}
.lock{font-size:.75rem;border:1px solid var(--line);border-radius:4px;padding:0 .3rem}
table{border-collapse:collapse;width:100%;font-size:.92rem}td,th{border-top:1px solid var(--line);padding:.35rem .6rem .35rem 0;text-align:left;vertical-align:top}td:first-child{white-space:nowrap}.wide{overflow-x:auto}
pre{background:var(--wash);padding:.8rem 1rem;border-radius:8px;overflow:auto}
@media(max-width:50rem){body{grid-template-columns:minmax(0,1fr)}nav{position:static;height:auto;flex-flow:row wrap;border:0;padding-bottom:0}}`;
