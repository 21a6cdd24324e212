// An OpenTelemetry collector for tests: takes OTLP over HTTP as protobuf, read by the wire format and by none of the sender's code.
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { after } from "node:test";
import { gunzipSync } from "node:zlib";
import { BinaryReader } from "@bufbuild/protobuf/wire";

export interface ReceivedSpan {
  readonly resource: { readonly [name: string]: string };
  readonly service: string;
  readonly scope: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly startNanos: bigint;
  readonly endNanos: bigint;
  readonly attributes: { readonly [name: string]: string | number };
  /** 0 unset, 2 error. */
  readonly statusCode: number;
}

export interface OtlpReceiver {
  readonly endpoint: string;
  readonly spans: ReceivedSpan[];
  /** Of every request, whatever it was answered with. */
  readonly headers: IncomingMessage["headers"][];
  /** What requests are answered with from now on; 0 is no answer at all. */
  status: number;
}

/** Opens one on a port of its own; it closes when the test file ends. */
export async function openOtlpReceiver(): Promise<OtlpReceiver> {
  const receiver = { endpoint: "", spans: [] as ReceivedSpan[], headers: [] as object[], status: 200 };
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      receiver.headers.push(req.headers);
      const isTraces = `${req.method} ${req.url}` === "POST /v1/traces";
      const isProtobuf = req.headers["content-type"] === "application/x-protobuf";
      const status = isTraces && isProtobuf ? receiver.status : 400;
      const body = Buffer.concat(chunks);
      const bytes = req.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
      if (status === 200) receiver.spans.push(...spansIn(bytes));
      if (status === 0) return;
      res.writeHead(status, { "content-type": "application/x-protobuf" }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  receiver.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return receiver as OtlpReceiver;
}

type Value = bigint | Uint8Array;

/** The fields of one message by number, each with all its values; numbers as they are, everything else as bytes. */
function fieldsOf(bytes: Uint8Array): Map<number, Value[]> {
  const reader = new BinaryReader(bytes);
  const fields = new Map<number, Value[]>();
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    const value = valueOf(reader, wireType);
    fields.set(number, [...(fields.get(number) ?? []), value]);
  }
  return fields;
}

function valueOf(reader: BinaryReader, wireType: number): Value {
  if (wireType === 0) return BigInt(reader.int64());
  if (wireType === 1) return BigInt(reader.fixed64());
  if (wireType === 5) return BigInt(reader.fixed32());
  return reader.bytes();
}

const messagesAt = (fields: Map<number, Value[]>, number: number) =>
  (fields.get(number) ?? []).map((value) => fieldsOf(value as Uint8Array));
const bytesAt = (fields: Map<number, Value[]>, number: number) =>
  Buffer.from((fields.get(number)?.[0] ?? new Uint8Array()) as Uint8Array);
const numberAt = (fields: Map<number, Value[]>, number: number) => (fields.get(number)?.[0] ?? 0n) as bigint;

/** ExportTraceServiceRequest, as opentelemetry-proto numbers its fields. */
function spansIn(request: Uint8Array): ReceivedSpan[] {
  return messagesAt(fieldsOf(request), 1).flatMap((resourceSpans) => {
    const [resource = new Map<number, Value[]>()] = messagesAt(resourceSpans, 1);
    const attributes = attributesAt(resource, 1) as { [name: string]: string };
    return messagesAt(resourceSpans, 2).flatMap((scopeSpans) => {
      const [scope = new Map<number, Value[]>()] = messagesAt(scopeSpans, 1);
      return messagesAt(scopeSpans, 2).map((span) => ({
        resource: attributes,
        service: attributes["service.name"] ?? "",
        scope: bytesAt(scope, 1).toString(),
        ...spanOf(span),
      }));
    });
  });
}

function spanOf(span: Map<number, Value[]>): Omit<ReceivedSpan, "resource" | "service" | "scope"> {
  const [status = new Map<number, Value[]>()] = messagesAt(span, 15);
  return {
    traceId: bytesAt(span, 1).toString("hex"),
    spanId: bytesAt(span, 2).toString("hex"),
    parentSpanId: bytesAt(span, 4).toString("hex"),
    name: bytesAt(span, 5).toString(),
    kind: Number(numberAt(span, 6)),
    startNanos: numberAt(span, 7),
    endNanos: numberAt(span, 8),
    attributes: attributesAt(span, 9),
    statusCode: Number(numberAt(status, 3)),
  };
}

function attributesAt(fields: Map<number, Value[]>, number: number): { [name: string]: string | number } {
  return Object.fromEntries(
    messagesAt(fields, number).map((pair) => {
      const [value = new Map<number, Value[]>()] = messagesAt(pair, 2);
      const isText = value.has(1);
      return [
        bytesAt(pair, 1).toString(),
        isText ? bytesAt(value, 1).toString() : Number(numberAt(value, 3)),
      ];
    }),
  );
}
