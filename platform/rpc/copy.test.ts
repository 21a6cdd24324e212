// A copy inside one process is what the wire would have made of the message: checked on every message of every contract.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { it } from "node:test";
import {
  create,
  fromBinary,
  ScalarType,
  toBinary,
  type DescField,
  type DescFile,
  type DescMessage,
} from "@bufbuild/protobuf";
import fc from "fast-check";
import { file_google_protobuf_struct, file_google_protobuf_timestamp } from "@bufbuild/protobuf/wkt";
import { StatusSchema } from "#gen/google/rpc/status_pb.js";
import { ProductWriteSchema, ProductSchema } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { copyMessage } from "./copy.ts";

const gen = new URL("../../gen/", import.meta.url);
const paths = readdirSync(gen, { recursive: true, encoding: "utf8" }).filter((path) =>
  path.endsWith("_pb.js"),
);
const files: DescFile[] = [file_google_protobuf_struct, file_google_protobuf_timestamp];
for (const path of paths) {
  const module = (await import(new URL(path, gen).href)) as Record<string, DescFile>;
  const file = Object.values(module).find((value) => value.kind === "file");
  assert.ok(file, path);
  files.push(file);
}
const messages = files
  .filter(({ proto }) => proto.package !== "google.protobuf")
  .flatMap((file) => file.messages.flatMap((message) => [message, ...message.nestedMessages]))
  .filter((message) => !message.typeName.startsWith("grpc.") && message.proto.options?.mapEntry !== true);

const json = fc
  .jsonValue({ maxDepth: 3, stringUnit: "grapheme" })
  .filter((value) => !holdsNegativeZero(value));

function holdsNegativeZero(value: unknown): boolean {
  if (Object.is(value, -0)) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, inner]) => key === "__proto__" || holdsNegativeZero(inner));
}

const text = fc.string({ unit: "grapheme", maxLength: 8 }).filter((value) => value !== "__proto__");

function scalar(type: ScalarType): fc.Arbitrary<unknown> {
  switch (type) {
    case ScalarType.STRING:
      return text;
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.BYTES:
      return fc.uint8Array({ maxLength: 9 });
    case ScalarType.DOUBLE:
      return fc.double().filter((value) => !Object.is(value, -0));
    case ScalarType.FLOAT:
      return fc.float().filter((value) => !Object.is(value, -0));
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return fc.nat();
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    default:
      return fc.integer();
  }
}

function single(
  message: DescMessage | undefined,
  type: ScalarType | undefined,
  depth: number,
): fc.Arbitrary<unknown> {
  if (message?.typeName === "google.protobuf.Struct") return fc.dictionary(text, json, { maxKeys: 3 });
  if (message) return depth > 3 ? fc.constant({}) : init(message, depth + 1);
  return type === undefined ? fc.nat({ max: 5 }) : scalar(type);
}

function valueOf(field: DescField, depth: number): fc.Arbitrary<unknown> {
  const many = { maxLength: depth > 1 ? 1 : 3 };
  switch (field.fieldKind) {
    case "list":
      return fc.array(single(field.message, field.scalar, depth), many);
    case "map":
      return fc.dictionary(text, single(field.message, field.scalar, depth), { maxKeys: 3 });
    default:
      return single(field.message, field.scalar, depth);
  }
}

/** A plain object that describes some message, with any of its fields left out. */
function init(message: DescMessage, depth = 0): fc.Arbitrary<object> {
  const plain: Record<string, fc.Arbitrary<unknown>> = {};
  for (const field of message.fields) if (!field.oneof) plain[field.localName] = valueOf(field, depth);
  for (const oneof of message.oneofs) {
    const cases = oneof.fields.map((field) =>
      valueOf(field, depth).map((value) => ({ case: field.localName, value })),
    );
    plain[oneof.localName] = fc.oneof(...cases);
  }
  return fc.record(plain, { requiredKeys: [], noNullPrototype: true });
}

assert.ok(messages.length > 50, `${messages.length} messages were found`);
const kinds = new Set(messages.flatMap(({ fields }) => fields.map(({ fieldKind }) => fieldKind)));
assert.deepEqual(
  [...kinds].sort((a, b) => a.localeCompare(b)),
  ["enum", "list", "map", "message", "scalar"],
);

it("a copied message equals one that went over the wire, for every message of every contract", () => {
  for (const message of messages) {
    fc.assert(
      fc.property(init(message), (source) => {
        const wire = fromBinary(message, toBinary(message, create(message, source as never)));
        assert.deepEqual(copyMessage(message, source), wire, message.typeName);
        assert.deepEqual(copyMessage(message, wire), wire, message.typeName);
      }),
      { numRuns: 30 },
    );
  }
});

it("a copy shares nothing with its source: lists, maps, structs and bytes included", () => {
  const source = {
    attributes: { size: { list: [1] } },
    variants: [{ options: { color: "red" }, stockQuantity: 1n }],
  };
  const copy = copyMessage(ProductWriteSchema, source);
  const before = JSON.stringify(copy, replaceBigInt);
  source.attributes.size.list.push(2);
  for (const variant of source.variants) variant.options.color = "blue";
  source.variants.push({ options: { color: "green" }, stockQuantity: 2n });
  assert.equal(JSON.stringify(copy, replaceBigInt), before);

  const bytes = new Uint8Array([1, 2, 3]);
  const packed = copyMessage(StatusSchema, { details: [{ typeUrl: "t", value: bytes }] }) as unknown as {
    details: { value: Uint8Array }[];
  };
  bytes[0] = 9;
  assert.deepEqual(packed.details[0]?.value, new Uint8Array([1, 2, 3]));
});

function replaceBigInt(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

const wrong: [string, DescMessage, object][] = [
  ["a number for a text", ProductSchema, { id: 1 }],
  ["a text for a list of texts", ProductWriteSchema, { categories: [1] }],
  ["a number for an amount", ProductWriteSchema, { variants: [{ stockQuantity: 1 }] }],
  ["an amount beyond 64 bits", ProductWriteSchema, { variants: [{ stockQuantity: 2n ** 63n }] }],
  ["a fraction for a whole number", StatusSchema, { code: 1.5 }],
  ["a number beyond 32 bits", StatusSchema, { code: 2 ** 31 }],
  ["a text for bytes", StatusSchema, { details: [{ value: "abc" }] }],
];

for (const [what, message, source] of wrong) {
  it(`${what} is refused with the name of the field`, () => {
    assert.throws(() => copyMessage(message, source), /has a value of the wrong type/);
  });
}
