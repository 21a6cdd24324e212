// A carrier elsewhere: an HTTP server with books of its own that can be slow and lose answers, and the provider that asks it.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after } from "node:test";
import { Type } from "@fastify/type-provider-typebox";
import { Value } from "typebox/value";
import { setting } from "#platform/kit/config.ts";
import { appError } from "#platform/kit/errors.ts";
import { defineProvider } from "#platform/kit/extension.ts";
import { money } from "#platform/kit/money.ts";
import type { CallOptions } from "#platform/rpc/contract.ts";
import { shippingPort, type Label } from "../provider.ts";

const AnyLabel = Type.Object({
  trackingNumber: Type.String(),
  status: Type.Enum(["label_created", "in_transit", "delivered", "cancelled"]),
});

/** What happens to the next answers: it is lost after the work is done, or it waits until it is let go. */
export type Trouble = "lost" | "held";

export class CarrierServer {
  readonly labels = new Map<string, { trackingNumber: string; status: Label["status"] }>();
  readonly troubles: Trouble[] = [];
  readonly requests: string[] = [];
  readonly #held: (() => void)[] = [];
  readonly #server = createServer((request, response) => {
    this.requests.push(`${request.method} ${request.url}`);
    const trouble = this.troubles.shift();
    if (trouble === "held") this.#held.push(() => this.#answer(request, response));
    else this.#answer(request, response, trouble);
  });
  url = "";

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    after(() => {
      this.#server.closeAllConnections();
      this.#server.close();
    });
    return this;
  }

  get heldCount(): number {
    return this.#held.length;
  }

  letGo(): void {
    for (const answer of this.#held.splice(0)) answer();
  }

  #answer({ method, url = "" }: IncomingMessage, response: ServerResponse, trouble?: Trouble): void {
    const orderId = url.slice("/labels/".length);
    let label = this.labels.get(orderId);
    if (method === "PUT" && !label)
      this.labels.set(
        orderId,
        (label = {
          trackingNumber: `RC${String(this.labels.size + 1).padStart(10, "0")}`,
          status: "label_created",
        }),
      );
    if (method === "DELETE" && label?.status === "label_created") label.status = "cancelled";
    if (trouble === "lost") return void response.destroy();
    response.statusCode = label ? 200 : 404;
    response.end(JSON.stringify(label ?? {}));
  }
}

/** The provider of CarrierServer, as an extension would write it. */
export const remoteProvider = defineProvider(shippingPort, {
  name: "remote",
  config: { REMOTE_CARRIER_URL: setting.text({ default: "", doc: "Where the carrier answers." }) },
  create: ({ config, shop }) => {
    const ask = async (method: string, orderId: string, { scope, timeoutMs = 5_000 }: CallOptions) => {
      const signals = [AbortSignal.timeout(timeoutMs), ...(scope ? [scope.signal] : [])];
      try {
        const answer = await fetch(`${config.REMOTE_CARRIER_URL}/labels/${orderId}`, {
          method,
          signal: AbortSignal.any(signals),
        });
        const body: unknown = await answer.json();
        return answer.ok ? Value.Parse(AnyLabel, body) : undefined;
      } catch (cause) {
        throw appError("unavailable", "CARRIER_AWAY", {
          publicMessage: "The carrier does not answer.",
          cause,
        });
      }
    };
    return {
      quoteMethods: ({ items }) => {
        const cost = money(shop.currency, items.length === 0 ? 0n : 500n);
        return Promise.resolve([{ code: "pigeon", name: "Pigeon post", cost, estimatedDays: 3 }]);
      },
      carrier: {
        name: "remote",
        createLabel: async ({ orderId }, call) => {
          const label = await ask("PUT", orderId, call);
          if (!label) throw new Error("The carrier made no label.");
          return label;
        },
        findLabel: (orderId, call) => ask("GET", orderId, call),
        cancelLabel: async (orderId, call) => {
          const label = await ask("DELETE", orderId, call);
          return label === undefined || label.status === "cancelled" ? "stopped" : "handed_over";
        },
      },
    };
  },
});
