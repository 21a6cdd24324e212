/** Writes gen/rest below a folder: the OpenAPI document, its types and a client, all from the gateway's endpoints. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openApiDocument } from "../services/gateway/api.ts";
import { clientSource, operationsSource, typesSource } from "./rest/rest-source.ts";

/** All files of gen/rest by name. */
export function restFiles(): { readonly [name: string]: string } {
  const document = openApiDocument();
  return {
    "openapi.json": `${JSON.stringify(document, undefined, 2)}\n`,
    "types.ts": typesSource(document),
    "operations.ts": operationsSource(document),
    "client.ts": clientSource(document),
    "rest-client.ts": runtimeSource(),
  };
}

/** The part that is the same for every document is written by hand, here in tools/, and copied. */
function runtimeSource(): string {
  const text = readFileSync(new URL("./rest/rest-client.ts", import.meta.url), "utf8");
  const local = text.replaceAll('"../../gen/rest/', '"./');
  return `// Copied by npm run gen from tools/rest/rest-client.ts. Do not edit.\n${local}`;
}

if (import.meta.main) {
  const [root = "."] = process.argv.slice(2);
  const folder = join(root, "gen/rest");
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(restFiles())) writeFileSync(join(folder, name), text);
}
