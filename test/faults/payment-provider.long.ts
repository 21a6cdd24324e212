// The row of the payment provider in services/resilience.ts: a firm outside of the shop, asked over a real connection before each act.
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { after } from "node:test";
import { defineExtension, provide } from "#platform/kit/extension.ts";
import { refusal } from "../../services/payment/errors.ts";
import { paymentPort } from "../../services/payment/provider.ts";
import { ProviderSimulator } from "../../services/payment/simulator.ts";
import { openShop } from "../journeys/open-shop.ts";
import { usualLimits } from "../lab/patient-limits.ts";
import { playRow } from "./one-part.ts";

let mood: "well" | "slow" | "failing" = "well";
const waiting = new Set<ServerResponse>();
const sockets = new Set<Socket>();
const firm = createServer((_request, response) => {
  if (mood === "slow") return void waiting.add(response);
  response.writeHead(mood === "failing" ? 500 : 200).end();
});
firm.on("connection", (socket) => sockets.add(socket));
firm.listen(0, "127.0.0.1");
await once(firm, "listening");
const { port } = firm.address() as AddressInfo;

/** What the built-in provider does, once the firm has said that it is there. */
class ProviderOutside extends ProviderSimulator {
  override readonly name = "outside";
  override async authorize(...order: Parameters<ProviderSimulator["authorize"]>) {
    await askFirm();
    return await super.authorize(...order);
  }
  override async capture(...order: Parameters<ProviderSimulator["capture"]>) {
    await askFirm();
    return await super.capture(...order);
  }
}

async function askFirm(): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(20_000) }).catch(
    () => undefined,
  );
  if (answer?.ok !== true) throw refusal("PAYMENT_UNAVAILABLE");
}

const outside = defineExtension({
  name: "outside",
  provides: [
    provide(paymentPort, {
      name: "outside",
      config: {},
      create: ({ db, clock }) => new ProviderOutside({ db, clock, delayMs: 0 }),
    }),
  ],
});

const shop = await openShop(
  {},
  { environment: { ...usualLimits, PAYMENT_PROVIDER: "outside" }, extensions: [outside] },
);
after(() => {
  firm.closeAllConnections();
  firm.close();
});

playRow(shop, "payment provider", {
  break: async (state) => {
    if (state === "slow" || state === "failing") mood = state;
    if (state !== "gone") return;
    const closed = new Promise((resolve) => firm.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  },
  heal: async () => {
    mood = "well";
    for (const response of waiting) response.writeHead(200).end();
    waiting.clear();
    if (firm.listening) return;
    firm.listen(port, "127.0.0.1");
    await once(firm, "listening");
  },
});
