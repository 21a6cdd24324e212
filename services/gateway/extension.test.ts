import assert from "node:assert/strict";
import { it } from "node:test";
import { Type } from "@fastify/type-provider-typebox";
import { apiEndpoints } from "./api.ts";
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

it("an endpoint that has the id or the address of another is refused by name", () => {
  const taken = { ...hello, id: "getOne", path: "/api/products/:code" };
  assert.throws(() => apiEndpoints([taken]), /has getOne \(GET \/api\/products\/:code\) twice/);
  assert.throws(() => apiEndpoints([{ ...hello, id: "listProducts" }]), /has listProducts .* twice/);
});
