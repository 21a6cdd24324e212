import assert from "node:assert/strict";
import { it } from "node:test";
import { Type } from "@fastify/type-provider-typebox";
import { apiEndpoints } from "./api.ts";
import { openApiOf } from "./openapi.ts";
import { journeyOf } from "./endpoint.ts";
import { endpoint } from "./extension.ts";

const hello = endpoint({
  id: "sayHello",
  method: "GET",
  path: "/api/hello",
  tag: "Greetings",
  summary: "Say hello",
  access: "anyone",
  status: 200,
  answer: Type.Object({ hello: Type.String() }),
  run: () => Promise.resolve({ hello: "world" }),
});

it("an endpoint of an extension stands in the list and in the document, under its own tag", () => {
  const endpoints = apiEndpoints([hello]);
  assert.ok(endpoints.includes(hello));
});

it("every endpoint of the house says which journey it belongs to, and one of an extension needs not", () => {
  const silent = apiEndpoints().filter(({ journey }) => journey === undefined);
  assert.deepEqual(
    silent.map(({ id }) => id),
    [],
  );
  assert.equal(journeyOf(hello), "account");
  assert.equal(journeyOf({ ...hello, access: "admin" }), "admin");
});

it("an endpoint that has the id or the address of another is refused by name", () => {
  const taken = { ...hello, id: "getOne", path: "/api/products/:code" };
  assert.throws(() => apiEndpoints([taken]), /has getOne \(GET \/api\/products\/:code\) twice/);
  assert.throws(() => apiEndpoints([{ ...hello, id: "listProducts" }]), /has listProducts .* twice/);
});

it("the fields that extensions add to products stand in the document as attributes with type and sentence", () => {
  const field = {
    name: "material",
    doc: "What it is made of.",
    schema: Type.String({ maxLength: 40 }),
    isRequired: true,
  };
  const { schemas } = openApiOf(apiEndpoints(), "1.0.0", [field]).components;
  const attributesOf = (name: string) => {
    const { properties, required } = schemas[name] as {
      properties: { attributes: object };
      required: string[];
    };
    return { attributes: properties.attributes, isRequired: required.includes("attributes") };
  };
  const { attributes, isRequired } = attributesOf("ProductWrite");
  assert.deepEqual(
    { ...attributes },
    {
      ...attributes,
      properties: { material: { type: "string", maxLength: 40, description: field.doc } },
      required: ["material"],
    },
  );
  assert.ok(isRequired);
  assert.ok(!("required" in attributesOf("Product").attributes));
  assert.ok(
    !(
      "properties" in
      (
        openApiOf(apiEndpoints(), "1.0.0").components.schemas["ProductWrite"] as {
          properties: { attributes: object };
        }
      ).properties.attributes
    ),
  );
});
