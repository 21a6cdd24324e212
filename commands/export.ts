import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { extname } from "node:path";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { create } from "@bufbuild/protobuf";
import { OrderSchema } from "#gen/stoa/order/v1/order_pb.js";
import { systemClock } from "#platform/kit/clock.ts";
import { exportProducts, productFormats, type ProductFormat } from "../services/catalog/export.ts";
import { orderJson } from "../services/gateway/present.ts";
import { exportOrders, orderHead, orderRows } from "../services/order/export.ts";
import { orderMessage } from "../services/order/messages.ts";
import type { Order } from "../services/order/order.ts";
import type { CommandContext } from "./command.ts";
import { withServiceDatabase } from "./existing-databases.ts";
import { UsageError } from "./usage-error.ts";

type Write = (text: string) => Promise<void>;
type Progress = (count: number) => void;

/** `export products|orders`: writes them to a file or to stdout; what is said about it goes to stderr. */
export async function exportAll(context: CommandContext): Promise<void> {
  const [what = ""] = context.args;
  const out = typeof context.options["out"] === "string" ? context.options["out"] : undefined;
  const format = formatOf(what, context.options["format"], out);
  const note = (line: string) => void process.stderr.write(`${line}\n`);
  const progress = progressOf(what, note);
  const count = await intoFile(out, context.stop, async (write) =>
    what === "products"
      ? await withServiceDatabase({ ...context, note }, "catalog", "export", async (db) => {
          return await exportProducts(db, format, write, progress);
        })
      : await withServiceDatabase({ ...context, note }, "order", "export", async (db) => {
          const isTable = format === "csv";
          if (isTable) await write(orderHead);
          return await exportOrders(db, isTable ? orderRows : orderLine, write, progress);
        }),
  );
  note(`${count.toLocaleString("en")} ${what} written${out === undefined ? "" : ` to ${out}`}.`);
}

/** An order as the REST API shows it. */
function orderLine(order: Order): string {
  return `${JSON.stringify(orderJson(create(OrderSchema, orderMessage(order))))}\n`;
}

/** What was said, else what the file is called, else a table. */
function formatOf(what: string, said: string | true | undefined, out: string | undefined): ProductFormat {
  const ending = extname(out ?? "")
    .slice(1)
    .toLowerCase();
  const wanted = said ?? (productFormats.some((one) => one === ending) ? ending : "csv");
  const format = productFormats.find((one) => one === wanted) ?? "csv";
  if (what === "orders" && format === "json")
    throw new UsageError("Orders are written as csv or ndjson; json is for products.");
  return format;
}

const progressEveryMs = 1_000;

function progressOf(what: string, note: (line: string) => void): Progress {
  let saidMs = systemClock.monotonicMs();
  return (count) => {
    if (systemClock.monotonicMs() - saidMs < progressEveryMs) return;
    saidMs = systemClock.monotonicMs();
    note(`  ${count.toLocaleString("en")} ${what}`);
  };
}

/** Writes to stdout, or to a file that has its name only when it is whole. */
async function intoFile<T>(
  path: string | undefined,
  stop: AbortSignal,
  work: (write: Write) => Promise<T>,
): Promise<T> {
  if (path === undefined) return await work(writerTo(process.stdout, stop));
  const part = `${path}.part`;
  const file = createWriteStream(part);
  try {
    await once(file, "open");
    const result = await work(writerTo(file, stop));
    file.end();
    await finished(file);
    await rename(part, path);
    return result;
  } catch (error) {
    file.destroy();
    await rm(part, { force: true });
    throw error;
  }
}

function writerTo(stream: Writable, stop: AbortSignal): Write {
  return async (text) => {
    stop.throwIfAborted();
    if (!stream.write(text)) await once(stream, "drain", { signal: stop });
  };
}
