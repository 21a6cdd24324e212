// Somebody else's services: a program of its own, on grpc-js and the public contract alone, that behaves as its project's do.
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall } from "@grpc/grpc-js";
import {
  create,
  fromBinary,
  toBinary,
  type DescMethod,
  type DescService,
  type Message,
} from "@bufbuild/protobuf";
import * as hipstershop from "../../gen/hipstershop/demo_pb.js";

/** Where it keeps what it has charged and shipped: a line each. */
const [, , port = "0", booksPath = "", mood = ""] = process.argv;

const perEuro: Record<string, number> = { EUR: 1, USD: 1.1305, JPY: 126.4, GBP: 0.8597, CHF: 1.136 };

function note(line: string): void {
  appendFileSync(booksPath, `${line}\n`);
}

function converted({ from, toCode }: hipstershop.CurrencyConversionRequest) {
  const euros =
    (Number(from?.units ?? 0n) + (from?.nanos ?? 0) / 1e9) / (perEuro[from?.currencyCode ?? ""] ?? Infinity);
  const amount = euros * (perEuro[toCode] ?? 0);
  return { currencyCode: toCode, units: BigInt(Math.floor(amount)), nanos: Math.floor((amount % 1) * 1e9) };
}

class Refused extends Error {
  readonly code = 400;
}

function charged({ amount, creditCard }: hipstershop.ChargeRequest) {
  const number = creditCard?.creditCardNumber ?? "";
  // As its project says it: by a code that no gRPC knows.
  if (!/^[45]/.test(number)) throw new Refused("Sorry, we cannot process that credit card.");
  const id = `tx-${process.pid}-${existsSync(booksPath) ? readFileSync(booksPath, "utf8").length : 0}`;
  note(
    `charge ${id} ${amount?.currencyCode} ${amount?.units}.${String(amount?.nanos).padStart(9, "0")} ${number.slice(-4)}`,
  );
  // The money is taken, and nobody hears of it.
  if (mood === "dies-after-charge") process.kill(process.pid, "SIGKILL");
  return { transactionId: id };
}

const handlers: Record<string, (request: never, call: ServerUnaryCall<Message, Message>) => object> = {
  "CurrencyService/GetSupportedCurrencies": () => ({ currencyCodes: Object.keys(perEuro) }),
  "CurrencyService/Convert": converted,
  "ShippingService/GetQuote": ({ items }: hipstershop.GetQuoteRequest) => ({
    costUsd: {
      currencyCode: "USD",
      units: items.length > 0 ? 8n : 0n,
      nanos: items.length > 0 ? 990_000_000 : 0,
    },
  }),
  "ShippingService/ShipOrder": ({ address, items }: hipstershop.ShipOrderRequest) => {
    note(`ship ${address?.country} ${address?.zipCode} ${items.map(({ quantity }) => quantity).join("+")}`);
    return { trackingId: "XY-17812-13477163" };
  },
  "PaymentService/Charge": charged,
  "AdService/GetAds": () => ({
    ads: [{ redirectUrl: "/product/2ZYFJ3GM2N", text: "Hairdryer for sale. 50% off." }],
  }),
};

function rpcOf(service: DescService, method: DescMethod) {
  const handler = handlers[`${service.name}/${method.name}`];
  return {
    path: `/${service.typeName}/${method.name}`,
    requestStream: false,
    responseStream: false,
    requestDeserialize: (bytes: Buffer) => fromBinary(method.input, bytes),
    requestSerialize: (message: Message) => Buffer.from(toBinary(method.input, message)),
    responseSerialize: (message: Message) => Buffer.from(toBinary(method.output, message)),
    responseDeserialize: (bytes: Buffer) => fromBinary(method.output, bytes),
    handle: (call: ServerUnaryCall<Message, Message>, callback: sendUnaryData<Message>) => {
      const told = call.metadata.get("authorization").length + call.metadata.get("x-stoa-service").length;
      if (told > 0) note(`told ${method.name}`);
      try {
        callback(
          null,
          create(method.output, handler?.(call.request as never, call) as Record<string, unknown>),
        );
      } catch (error) {
        callback(error as Error);
      }
    },
  };
}

const server = new Server();
for (const service of [
  hipstershop.CurrencyService,
  hipstershop.ShippingService,
  hipstershop.PaymentService,
  hipstershop.AdService,
]) {
  const rpcs = service.methods.map((method) => [method.name, rpcOf(service, method)] as const);
  server.addService(
    Object.fromEntries(rpcs),
    Object.fromEntries(rpcs.map(([name, { handle }]) => [name, handle])) as never,
  );
}
server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
  process.send?.("ready");
});
process.on("disconnect", () => process.exit());
