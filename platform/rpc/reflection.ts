// Server reflection (v1 and v1alpha), so that grpcurl and its like need no .proto files.
import { status, type MethodDefinition, type Server, type ServerDuplexStream } from "@grpc/grpc-js";
import { toBinary, type DescFile, type DescService } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Health } from "#gen/grpc/health/v1/health_pb.js";
import { asBuffer } from "./grpc-client.ts";

type Bytes = ServerDuplexStream<Buffer, Buffer>;
type Library = typeof import("@grpc/reflection");
type ReflectedPackage = ConstructorParameters<Library["ReflectionService"]>[0];

const method = "ServerReflectionInfo";
const versions = ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"];

/**
 * Serves the descriptors of `services`, of everything they import, and of the health service. Nobody asks for them in most processes:
 * the library, and the second runtime for protobuf that it brings, are loaded with the first question.
 */
export function addReflection(server: Server, services: readonly DescService[]): void {
  let loading: Promise<Map<string, Answer>> | undefined;
  for (const version of versions) {
    const path = `/${version}/${method}`;
    server.addService(
      { [method]: bytesOf(path) },
      {
        [method]: (call: Bytes) => {
          // What has come meanwhile must not be read before somebody listens.
          call.pause();
          loading ??= load([...services, Health]);
          loading.then(
            (answers) => {
              answers.get(path)?.(call);
              call.resume();
            },
            () => call.emit("error", { code: status.UNAVAILABLE, details: "Reflection cannot be had." }),
          );
        },
      },
    );
  }
}

/** Answers the calls of one version. */
type Answer = (call: Bytes) => void;

async function load(services: readonly DescService[]): Promise<Map<string, Answer>> {
  const { ReflectionService } = await import("@grpc/reflection");
  const files = new Map<string, Buffer>();
  for (const service of services) collect(service.file, files);
  const reflected = { ours: { fileDescriptorProtos: [...files.values()] } } as unknown as ReflectedPackage;
  const names = services.map(({ typeName }) => typeName);
  const answers = new Map<string, Answer>();
  // It knows servers only by what it adds to them.
  const addService = (
    definition: Record<string, MethodDefinition<unknown, unknown>>,
    implementation: Record<string, (stream: unknown) => void>,
  ) => {
    const info = definition[method];
    const answer = Object.values(implementation)[0];
    if (info && answer) answers.set(info.path, (call) => answer(overBytes(call, info)));
  };
  new ReflectionService(reflected, { services: names }).addToServer({ addService } as unknown as Server);
  return answers;
}

/** The stream as the library uses it, with messages in place of bytes. */
function overBytes(call: Bytes, info: MethodDefinition<unknown, unknown>) {
  return {
    on: (event: "data" | "end", listener: (message?: unknown) => void) =>
      event === "end"
        ? call.on("end", () => listener())
        : call.on("data", (bytes: Buffer) => {
            const question = parsed(bytes, info);
            if (question !== undefined) return listener(question);
            call.emit("error", {
              code: status.INVALID_ARGUMENT,
              details: "This is no question of reflection.",
            });
          }),
    write: (message: unknown) => call.write(info.responseSerialize(message)),
    end: () => call.end(),
  };
}

function parsed(bytes: Buffer, info: MethodDefinition<unknown, unknown>): unknown {
  try {
    return info.requestDeserialize(bytes);
  } catch {
    return undefined;
  }
}

function bytesOf(path: string): MethodDefinition<Buffer, Buffer> {
  const asIs = (bytes: Buffer) => bytes;
  const both = { requestStream: true, responseStream: true } as const;
  return {
    path,
    ...both,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
}

function collect(file: DescFile, files: Map<string, Buffer>): void {
  if (files.has(file.name)) return;
  files.set(file.name, asBuffer(toBinary(FileDescriptorProtoSchema, file.proto)));
  for (const dependency of file.dependencies) collect(dependency, files);
}
