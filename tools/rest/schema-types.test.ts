import assert from "node:assert/strict";
import { test } from "node:test";
import { typeOf } from "./schema-types.ts";

const flat = (schema: object) => typeOf({ ...schema }).replace(/\s+/g, " ");

test("each word of a schema that says what a value is becomes the type of it", () => {
  assert.equal(flat({ type: "integer", minimum: 1 }), "number");
  assert.equal(flat({ type: ["string", "null"] }), "string | null");
  assert.equal(flat({ enum: ["a", "b"], type: "string" }), '"a" | "b"');
  assert.equal(flat({ $ref: "#/components/schemas/Money" }), "Money");
  assert.equal(flat({ type: "array", items: { $ref: "#/c/Money" } }), "readonly Money[]");
  assert.equal(flat({ type: "array", items: { type: ["string", "null"] } }), "readonly (string | null)[]");
  assert.equal(flat({ anyOf: [{ $ref: "#/c/Payment" }, { type: "null" }] }), "Payment | null");
  assert.equal(flat({}), "unknown");
});

test("fields are optional unless required, names that are no identifiers are quoted, free names are an index", () => {
  const schema = {
    type: "object",
    required: ["a"],
    properties: { a: { type: "string", description: "Why." }, "b-c": { type: "boolean" } },
  };
  assert.equal(flat(schema), '{ /** Why. */ readonly a: string; readonly "b-c"?: boolean | undefined; }');
  assert.equal(
    flat({ type: "object", patternProperties: { "^.*$": { type: "integer" } } }),
    "{ readonly [name: string]: number; }",
  );
  assert.equal(
    flat({ type: "object", patternProperties: { "^attributes\\..+$": { type: "string" } } }),
    "{ readonly [name: `attributes.${string}`]: string | undefined; }",
  );
});

test("of fields that exclude each other exactly one is given", () => {
  const schema = {
    type: "object",
    required: ["reason"],
    properties: { set: { type: "integer" }, adjust: { type: "integer" }, reason: { type: "string" } },
    oneOf: [{ required: ["set"] }, { required: ["adjust"] }],
  };
  assert.equal(
    flat(schema),
    "{ readonly reason: string; } & ({ readonly set: number; } | { readonly adjust: number; })",
  );
});

test("a schema that cannot be shown exactly stops the generator", () => {
  assert.throws(() => typeOf({ type: "date" }), /No TypeScript type is known/);
});
