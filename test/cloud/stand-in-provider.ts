/**
 * Stands in for a provider, so that `terraform validate` runs where no registry is reached: it knows the schema of the real one and does
 * nothing else but make up a password. Terraform starts it (`terraform-provider-aws`), and speaks version 5 of its plugin protocol, of which this answers what
 * validation and plans with mocked resources ask.
 */
import { randomBytes } from "node:crypto";
import { Server, ServerCredentials, type MethodDefinition } from "@grpc/grpc-js";
import { providerSchemas, type BlockSchema, type ProviderSchemas } from "./provider-schema.ts";

/** Protocol Buffers, as far as a schema needs them. */
const varint = (value: number): Buffer =>
  value < 128
    ? Buffer.from([value])
    : Buffer.concat([Buffer.from([(value & 127) | 128]), varint(value >>> 7)]);
const bytes = (field: number, value: Buffer | string): Buffer => {
  const content = Buffer.from(value);
  return Buffer.concat([varint((field << 3) | 2), varint(content.length), content]);
};
const number = (field: number, value: number): Buffer =>
  value === 0 ? Buffer.alloc(0) : Buffer.concat([varint(field << 3), varint(value)]);
const message = (field: number, ...parts: Buffer[]): Buffer => bytes(field, Buffer.concat(parts));

const nestings = { single: 1, list: 2, set: 3 } as const;

function block(field: number, { attributes, blocks }: BlockSchema): Buffer {
  return message(
    field,
    ...Object.entries(attributes).map(([name, [type, how]]) =>
      message(
        2,
        bytes(1, name),
        bytes(2, JSON.stringify(type)),
        number(4, Number(how.includes("r"))),
        number(5, Number(how.includes("o"))),
        number(6, Number(how.includes("c"))),
        // Write-only arguments take what is ephemeral, others refuse it.
        number(10, Number(name.endsWith("_wo"))),
      ),
    ),
    ...Object.entries(blocks).map(([name, nested]) =>
      message(
        3,
        bytes(1, name),
        block(2, nested),
        number(3, nestings[nested.nesting]),
        number(4, nested.min ?? 0),
        number(5, nested.max ?? 0),
      ),
    ),
  );
}

function schemasOf({ provider, resource, data, ephemeral }: ProviderSchemas["aws"]): Buffer {
  const map = (field: number, schemas: Readonly<Record<string, BlockSchema>>) =>
    Object.entries(schemas).map(([name, schema]) =>
      message(field, bytes(1, name), message(2, block(2, schema))),
    );
  return Buffer.concat([
    message(1, block(2, provider)),
    ...map(2, resource),
    ...map(3, data),
    ...map(8, ephemeral),
  ]);
}

const [name = ""] = process.argv.slice(2);
const schemas: Partial<Record<string, ProviderSchemas["aws"]>> = providerSchemas();
const schema = schemas[name];
if (schema === undefined) throw new Error(`There is no schema of a provider "${name}".`);
const answer = schemasOf(schema);
const nothing = Buffer.alloc(0);

/** The one ephemeral value that a plan makes: a password, with everything else that its kind has. */
function password(): object {
  const attributes = Object.keys(schema?.ephemeral["random_password"]?.attributes ?? {});
  return {
    ...Object.fromEntries(attributes.map((attribute) => [attribute, null])),
    length: 43,
    special: false,
    result: randomBytes(32).toString("hex").slice(0, 43),
  };
}

const server = new Server({ "grpc.max_send_message_length": -1 });
const raw = (path: string): MethodDefinition<Buffer, Buffer> => ({
  path,
  requestStream: false,
  responseStream: false,
  requestSerialize: (value) => value,
  requestDeserialize: (value) => value,
  responseSerialize: (value) => value,
  responseDeserialize: (value) => value,
});
const answers: Readonly<Record<string, (request: Buffer) => Buffer>> = {
  "/tfplugin5.Provider/GetSchema": () => answer,
  // Its request holds the configuration as field 1, and so does its answer.
  "/tfplugin5.Provider/PrepareProviderConfig": (request) => request,
  "/tfplugin5.Provider/ValidateResourceTypeConfig": () => nothing,
  "/tfplugin5.Provider/ValidateDataSourceConfig": () => nothing,
  "/tfplugin5.Provider/ValidateEphemeralResourceConfig": () => nothing,
  "/tfplugin5.Provider/Configure": () => nothing,
  "/tfplugin5.Provider/OpenEphemeralResource": () => message(3, bytes(2, JSON.stringify(password()))),
  "/tfplugin5.Provider/CloseEphemeralResource": () => nothing,
  "/tfplugin5.Provider/Stop": () => nothing,
  "/plugin.GRPCController/Shutdown": () => {
    setImmediate(() => process.exit(0));
    return nothing;
  },
};
for (const [path, reply] of Object.entries(answers))
  server.addService(
    { [path]: raw(path) },
    {
      [path]: (call: { request: Buffer }, done: (error: null, value: Buffer) => void) =>
        done(null, reply(call.request)),
    },
  );
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`1|5|tcp|127.0.0.1:${port}|grpc\n`);
});
