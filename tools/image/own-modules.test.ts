import { deepStrictEqual, match, throws } from "node:assert/strict";
import { test } from "node:test";
import { placeOwnModule } from "./own-modules.ts";

const path = "services/cart/service.ts";

test("a module that reads files beside it finds them from within a bundle, and the image brings them", () => {
  const { code, assets } = placeOwnModule(
    path,
    [
      `export const a = new URL("./migrations/", import.meta.url);`,
      `export const b = (name: string) => new URL(\`./styles/\${name}.css\`, import.meta.url);`,
      `export const c = new URL("../catalog/words.txt", import.meta.url);`,
    ].join("\n"),
  );
  deepStrictEqual(assets, [
    "services/cart/migrations/",
    "services/cart/styles/",
    "services/catalog/words.txt",
  ]);
  match(code, /new URL\("\.\/migrations\/", stoaModuleUrl\("services\/cart\/service\.ts"\)\)/);
  match(code, /^import \{ moduleUrl as stoaModuleUrl \} from "stoa:root";/);
});

test("the program that a process starts is the bundled one", () => {
  const { code, assets } = placeOwnModule(
    "commands/keep.ts",
    `const program = new URL("../main.ts", import.meta.url);`,
  );
  deepStrictEqual(assets, []);
  match(code, /new URL\("\.\.\/code\/main\.js", stoaModuleUrl\("commands\/keep\.ts"\)\)/);
});

test("a module that asks for nothing of its own stays as it is", () => {
  const text = `export const isMain = import.meta.main;`;
  deepStrictEqual(placeOwnModule(path, text), { code: text, assets: [] });
});

test("a file whose path is not written in the code is refused, since no image would hold it", () => {
  throws(
    () => placeOwnModule(path, `const own = (path: string) => new URL(path, import.meta.url);`),
    /must begin with a text/,
  );
  throws(
    () => placeOwnModule(path, "const own = (path: string) => new URL(`${path}.txt`, import.meta.url);"),
    /must begin with a text/,
  );
});
