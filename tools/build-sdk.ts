/** Builds sdk/dist, the JavaScript and types that `npm pack` puts into the package, from sdk/ and gen/rest. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const sources = ["types.ts", "operations.ts", "rest-client.ts", "client.ts"];

/** Everything lies flat in the package: a reader of its files finds one folder. */
function build(): void {
  const folder = mkdtempSync(join(tmpdir(), "stoa-sdk-"));
  try {
    mkdirSync(join(folder, "src"));
    for (const name of sources) cpSync(join(root, "gen/rest", name), join(folder, "src", name));
    const entry = readFileSync(join(root, "sdk/stoa-sdk.ts"), "utf8").replaceAll('"../gen/rest/', '"./');
    writeFileSync(join(folder, "src/stoa-sdk.ts"), entry);
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(compilerConfig));
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder], {
      stdio: "inherit",
    });
    for (const name of readdirSync(join(folder, "dist")))
      if (name.endsWith(".d.ts")) pointToJavaScript(join(folder, "dist", name));
    cpSync(join(root, "LICENSE"), join(folder, "dist/LICENSE"));
    rmSync(join(root, "sdk/dist"), { recursive: true, force: true });
    cpSync(join(folder, "dist"), join(root, "sdk/dist"), { recursive: true });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The compiler leaves `.ts` in the imports of declarations, which not every reader of them resolves. */
function pointToJavaScript(path: string): void {
  writeFileSync(path, readFileSync(path, "utf8").replaceAll(/(from "\.\/[\w-]+)\.ts"/g, '$1.js"'));
}

/** Only what browsers and every supported Node have: the client must compile without the types of either program. */
const compilerConfig = {
  compilerOptions: {
    target: "es2022",
    module: "nodenext",
    lib: ["es2022", "dom", "dom.iterable"],
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    rewriteRelativeImportExtensions: true,
    declaration: true,
    rootDir: "src",
    outDir: "dist",
  },
  include: ["src"],
};

build();
