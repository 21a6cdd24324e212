// Whoever copies an example from the reference has something that is taken, and that comes back like this.
import assert from "node:assert/strict";
import { it } from "node:test";
import { Compile } from "typebox/schema";
import { openApiDocument } from "./api.ts";
import { withExamplesIn } from "./example-money.ts";

type Json = { readonly [name: string]: unknown };
type Content = { readonly [type: string]: { readonly schema: Json; readonly example?: unknown } };

const document = openApiDocument();
const definitions = asDefinitions(document.components.schemas) as Json;

it("every operation has an example of its body and of each of its answers, and each is as its schema demands", () => {
  for (const currency of ["USD", "KWD"]) {
    const shown = withExamplesIn(document, currency);
    const operations = Object.entries(shown.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, operation })),
    );
    assert.ok(operations.length > 40);
    for (const { name, operation } of operations) {
      if (operation.requestBody) requireExamples(`${name} asks`, operation.requestBody);
      for (const [status, response] of Object.entries(operation.responses)) {
        const shared = /[^/]+$/.exec(
          response["$ref"] === undefined ? "" : JSON.stringify(response["$ref"]).slice(1, -1),
        )?.[0];
        const whole = shared === undefined ? response : (shown.components.responses[shared] ?? {});
        requireExamples(`${name} answers ${status}`, whole);
      }
      for (const { required, example, schema, name: parameter } of operation.parameters)
        if (required) requireFits(`${name} takes ${parameter}`, schema, example);
    }
  }
});

it("an operation that answers something has an example of it, and 204 says nothing", () => {
  for (const methods of Object.values(document.paths))
    for (const { operationId, responses } of Object.values(methods)) {
      const [status = "", done = {}] = Object.entries(responses)[0] ?? [];
      assert.equal(status !== "204", "content" in done, operationId);
    }
});

function requireExamples(where: string, holder: Json): void {
  for (const [type, { schema, example }] of Object.entries((holder["content"] ?? {}) as Content)) {
    assert.notEqual(example, undefined, `${where} ${type} without an example`);
    requireFits(`${where} ${type}`, schema, example);
  }
}

const checks = new Map<string, ReturnType<typeof Compile>>();

function requireFits(where: string, schema: Json, example: unknown): void {
  const key = JSON.stringify(schema);
  const check = checks.get(key) ?? Compile({ ...(asDefinitions(schema) as Json), $defs: definitions });
  checks.set(key, check);
  assert.ok(
    check.Check(example),
    `${where}: ${JSON.stringify(check.Errors(example))} in ${JSON.stringify(example)}`,
  );
}

function asDefinitions(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema).replaceAll("#/components/schemas/", "#/$defs/"));
}
