// Server reflection (v1 and v1alpha), so that grpcurl and its like need no .proto files.
import type { Server } from "@grpc/grpc-js";
import { ReflectionService } from "@grpc/reflection";
import { toBinary, type DescFile, type DescService } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { service as healthService } from "grpc-health-check";
import { asBuffer } from "./grpc-client.ts";

type ReflectedPackage = ConstructorParameters<typeof ReflectionService>[0];

/** Serves the descriptors of `services`, of everything they import, and of the health service. */
export function addReflection(server: Server, services: readonly DescService[]): void {
  const files = new Map<string, Buffer>();
  for (const service of services) collect(service.file, files);
  const ours = { fileDescriptorProtos: [...files.values()] };
  const health = (healthService as unknown as { Check: { requestType: object } }).Check.requestType;
  const reflected = { ours, health } as unknown as ReflectedPackage;
  const names = [...services.map(({ typeName }) => typeName), "grpc.health.v1.Health"];
  new ReflectionService(reflected, { services: names }).addToServer(server);
}

function collect(file: DescFile, files: Map<string, Buffer>): void {
  if (files.has(file.name)) return;
  files.set(file.name, asBuffer(toBinary(FileDescriptorProtoSchema, file.proto)));
  for (const dependency of file.dependencies) collect(dependency, files);
}
