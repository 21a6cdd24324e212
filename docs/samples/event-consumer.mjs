// Reads every event of orders from RabbitMQ and acts on each once: node event-consumer.mjs (Node.js 22.13 or newer, npm install rabbitmq-client).
import { DatabaseSync } from "node:sqlite";
import { Connection, ConsumerStatus } from "rabbitmq-client";

const { EVENTS_URL, EVENTS_EXCHANGE = "stoa.events", EVENTS_STORE = "bookkeeping.db" } = process.env;

// What was acted on lies beside its effect, and both are written in one transaction: that makes a repeat harmless.
const store = new DatabaseSync(EVENTS_STORE);
store.exec("create table if not exists heard (id text primary key)");
store.exec(
  "create table if not exists bookings (order_id text not null, what text not null, at text not null)",
);

function apply(event) {
  store.exec("begin immediate");
  try {
    const { changes } = store.prepare("insert or ignore into heard (id) values (?)").run(event.id);
    if (changes === 1)
      store.prepare("insert into bookings values (?, ?, ?)").run(event.subject, event.type, event.time);
    store.exec("commit");
    return changes === 1;
  } catch (error) {
    store.exec("rollback");
    throw error;
  }
}

const rabbit = new Connection(EVENTS_URL);
rabbit.on("error", (error) => console.error(`RabbitMQ cannot be reached: ${error.message}`));

const queue = "bookkeeping";
const consumer = rabbit.createConsumer(
  {
    queue,
    queueOptions: { durable: true },
    exchanges: [{ exchange: EVENTS_EXCHANGE, type: "topic", durable: true }],
    queueBindings: [{ queue, exchange: EVENTS_EXCHANGE, routingKey: "order.#" }],
    // One at a time, or the events of one order may overtake each other.
    qos: { prefetchCount: 1 },
    concurrency: 1,
  },
  (message) => {
    const event = JSON.parse(message.body);
    console.log(`${apply(event) ? "new" : "repeat"} ${event.type} ${event.subject}`);
    return ConsumerStatus.ACK;
  },
);
consumer.on("error", (error) => console.error(`An event was not taken and comes again: ${error.message}`));
consumer.on("ready", () => console.log("listening"));

async function end() {
  await consumer.close();
  await rabbit.close();
}
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void end());
