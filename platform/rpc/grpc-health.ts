// Health over gRPC (grpc.health.v1), as it is told and as it is asked.
import { Metadata, status, type Server, type ServiceError, type sendUnaryData } from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";
import type { Clock } from "#platform/kit/clock.ts";
import type { GrpcTls } from "./grpc-tls.ts";
import { GrpcWay } from "./grpc-way.ts";

/** How one service, or the process, does. */
export interface Serving {
  readonly isServing: boolean;
  /** Full sentences about what it has to do without; they say nothing that must not be known. */
  readonly lacks: readonly string[];
}

/** What a look at a service elsewhere has found; undefined when it did not answer in time. */
export type ProbeAnswer = Serving | undefined;

/** A probe over one kept connection; a new one when two looks in a row were in vain. */
export interface HealthProbe {
  /** Asks for the service as a whole; never rejects. */
  look(timeoutMs: number): Promise<ProbeAnswer>;
  /** True when it answers SERVING in time; never rejects. */
  isServing(timeoutMs: number): Promise<boolean>;
  close(): void;
}

/** Metadata of an answer to Check: what is lacking, as a JSON list. Other clients never look at it. */
const lacksKey = "stoa-lacks-bin";

/** The health of a gRPC server. `of` tells how the named contract is served; "" is the process as a whole. */
export class GrpcHealth {
  readonly #names: readonly string[];
  readonly #of: (name: string) => Serving;
  readonly #library: HealthImplementation;
  readonly #told = new Map<string, string>();

  constructor(contracts: readonly string[], of: (name: string) => Serving) {
    this.#names = ["", ...contracts];
    this.#of = of;
    this.#library = new HealthImplementation(
      Object.fromEntries(this.#names.map((name) => [name, statusOf(of(name))])),
    );
  }

  /** Answers Check with what is true at that moment; Watch and List with what was true at the last `refresh`. */
  addTo(server: Server): void {
    const known = new Set(this.#names);
    this.#library.addToServer({
      addService: (definition, implementation) => {
        const theirs = implementation["check"] as unknown as Check;
        const check: Check = (call, callback) => {
          const { service } = call.request;
          if (!known.has(service)) return theirs(call, callback);
          const serving = this.#of(service);
          if (serving.lacks.length > 0) {
            const told = new Metadata();
            told.set(lacksKey, Buffer.from(JSON.stringify(serving.lacks)));
            call.sendMetadata(told);
          }
          callback(null, { status: statusOf(serving) });
        };
        server.addService(definition, { ...implementation, check } as never);
      },
    });
  }

  /** Tells those who watch, where something has changed. */
  refresh(): void {
    for (const name of this.#names) {
      const now = statusOf(this.#of(name));
      if (this.#told.get(name) === now) continue;
      this.#told.set(name, now);
      this.#library.setStatus(name, now);
    }
  }
}

type Check = (
  call: { readonly request: { readonly service: string }; sendMetadata(told: Metadata): void },
  callback: sendUnaryData<{ status: string }>,
) => void;

function statusOf({ isServing }: Serving) {
  return isServing ? "SERVING" : "NOT_SERVING";
}

/** HealthCheckResponse { status: SERVING }, the only answer that counts as such. */
const serving = Buffer.from([0x08, 0x01]);

/** Opens a probe of the service at `url` as a whole. */
export function openHealthProbe(url: string, clock: Clock, tls?: GrpcTls): HealthProbe {
  const way = new GrpcWay({ url, clock, tls });
  const asBytes = (bytes: Buffer) => bytes;
  const look = (timeoutMs: number) =>
    new Promise<ProbeAnswer>((resolve) => {
      const deadline = clock.now().getTime() + timeoutMs;
      let lacks: readonly string[] = [];
      const settle = (error: ServiceError | null, answer?: Buffer) => {
        way.note(!error || error.code === status.UNIMPLEMENTED);
        // Somebody else's service need not know the question: that it says so is an answer.
        if (error?.code === status.UNIMPLEMENTED) resolve({ isServing: true, lacks });
        else resolve(error || !answer ? undefined : { isServing: answer.equals(serving), lacks });
      };
      const path = "/grpc.health.v1.Health/Check";
      way.channel
        .makeUnaryRequest(path, asBytes, asBytes, Buffer.alloc(0), { deadline }, settle)
        .on("metadata", (told: Metadata) => (lacks = parseLacks(told.get(lacksKey)[0])));
    });
  return {
    look,
    isServing: async (timeoutMs) => (await look(timeoutMs))?.isServing === true,
    close: () => way.close(),
  };
}

/** Whoever answers there may be somebody else's service: what it tells is a few short texts, or nothing. */
function parseLacks(bytes: unknown): string[] {
  if (!Buffer.isBuffer(bytes)) return [];
  try {
    const told: unknown = JSON.parse(bytes.toString());
    if (!Array.isArray(told)) return [];
    return told.filter((one) => typeof one === "string" && one.length <= 300).slice(0, 20) as string[];
  } catch {
    return [];
  }
}
