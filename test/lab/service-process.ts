// A process of the shop that can be told at which failpoint to die: really, by SIGKILL, with nothing closed or flushed.
import { systemClock } from "#platform/kit/clock.ts";
import { readConfig } from "#platform/kit/config.ts";
import { singleHome } from "#platform/database/database-home.ts";
import { setFailpoints } from "#platform/kit/failpoint.ts";
import { createLogger } from "#platform/telemetry/log.ts";
import { rpcSeconds } from "#platform/telemetry/metrics.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import { openShop } from "#platform/kit/program.ts";
import { shop as file } from "../../shop.ts";
import type { Fate, LabOrder } from "./lab-process.ts";

const names = process.argv.slice(2);
const environment = process.env;
const config = readConfig(PlatformConfig, environment);

let armed: { point: string; hit: number; fate: Fate } | undefined;
let isRecording = false;
let purchasesBegun = 0;

setFailpoints(async (point) => {
  if (isRecording) process.send?.({ reached: point });
  if (point === "checkout.PlaceOrder.received") purchasesBegun += 1;
  if (armed?.point !== point) return;
  armed.hit -= 1;
  if (armed.hit > 0) return;
  if (armed.fate === "dies") process.kill(process.pid, "SIGKILL");
  armed = undefined;
  await new Promise<void>((resolve) => process.send?.({ stalling: true }, () => resolve()));
  process.kill(process.pid, "SIGSTOP");
});

process.on("message", (order: LabOrder) => {
  if (order.kind === "arm") armed = { point: order.point, hit: order.hit, fate: order.fate };
  if (order.kind === "disarm") armed = undefined;
  if (order.kind === "record") isRecording = order.isOn;
  const answer = () => process.send?.({ done: order.id });
  if (order.kind === "settle") void untilPurchasesEnd().then(answer);
  else answer();
});
process.on("disconnect", () => process.exit());

const shop = await openShop({
  file,
  only: names,
  environment,
  config,
  home: singleHome(environment),
  isEmbedded: true,
  serviceKey: config.SERVICE_KEY?.reveal() ?? "",
  host: "127.0.0.1",
  httpPort: undefined,
  operationsPort: undefined,
  grpcPort: config.GRPC_PORT,
  clock: systemClock,
  log: createLogger({ level: config.LOG_LEVEL, format: "json" }),
});
process.send?.({ ready: shop.grpcPort });
process.on("SIGTERM", () => void shop.close().then(() => process.exit()));

async function untilPurchasesEnd(): Promise<void> {
  while ((await purchasesEnded()) < purchasesBegun) await systemClock.sleep(20);
}

async function purchasesEnded(): Promise<number> {
  const { values } = await rpcSeconds.get();
  return values
    .filter(
      ({ metricName, labels }) =>
        metricName?.endsWith("_count") && String(labels.rpc_method).endsWith("/PlaceOrder"),
    )
    .reduce((sum, { value }) => sum + value, 0);
}
