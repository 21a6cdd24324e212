// A process that publishes what waits in a database to a broker, until it is killed: relay-process.ts <database> <receiver> [exchange]
import { OrderPlacedSchema } from "#gen/stoa/order/v1/order_pb.js";
import { openDatabase } from "#platform/database/db.ts";
import { Outbox } from "#platform/database/outbox.ts";
import type { Broker } from "#platform/kit/broker.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { Secret } from "#platform/kit/config.ts";
import { openHttpBroker } from "#platform/kit/http-broker.ts";
import { silentLog } from "#platform/telemetry/log.ts";

const [databaseUrl = "", receiverUrl = "", exchange] = process.argv.slice(2);
const clock = systemClock;
const db = openDatabase({ url: databaseUrl, name: "relay", connectionsMax: 2, clock, log: silentLog });
const outbox = new Outbox({
  service: "sender",
  db,
  clock,
  log: silentLog,
  emits: [OrderPlacedSchema],
  subscribers: [],
  broker: await openBroker(new Secret(receiverUrl)),
});
await outbox.relay(new AbortController().signal);

async function openBroker(url: Secret): Promise<Broker> {
  if (exchange === undefined)
    return openHttpBroker({ url, secret: new Secret("a-key-for-events-that-only-tests-know"), clock });
  const { openAmqpBroker } = await import("#platform/kit/amqp-broker.ts");
  return openAmqpBroker({ url, exchange, name: "sender" });
}
