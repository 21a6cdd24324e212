// The time between the listener's opening and the first whole page: the shop reaches itself, and nobody else does.
import { verifyCall } from "#platform/auth/service-proof.ts";
import { proofHeader, provenRequest } from "#platform/http/sender.ts";
import type { HttpApp, HttpRequest } from "#platform/http/server.ts";
import { leftOutHeader } from "#platform/web/router.ts";
import { pause, type Clock } from "./clock.ts";
import { randomSecret } from "./ids.ts";

export interface OpeningOptions {
  /** The services of this process: what they ask for is let in. */
  readonly services: readonly string[];
  readonly serviceKey: string;
  readonly clock: Clock;
}

/** Only the program that opens knows what to say here. */
const openingHeader = "x-stoa-opening";
/** A page that stays incomplete for so long is shown as it is. */
const incompleteMsMax = 15_000;
/** A page that is refused for so long is refused for a reason that waiting does not mend. */
const refusedMsMax = 3_000;

export class Opening {
  readonly #options: OpeningOptions;
  readonly #secret = randomSecret();
  #isOver = false;

  constructor(options: OpeningOptions) {
    this.#options = options;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether this request may be answered by now. */
  lets({ method, url, headers }: HttpRequest): boolean {
    if (this.#isOver || headers[openingHeader] === this.#secret) return true;
    const proof = headers[proofHeader];
    if (typeof proof !== "string") return false;
    const { serviceKey, clock, services } = this.#options;
    const proven = verifyCall(proof, serviceKey, clock.now().getTime(), provenRequest(method, url, headers));
    return proven !== undefined && services.includes(proven.service);
  }

  /** Asks for a page until it is whole, or until waiting no longer helps. True when it is whole. */
  async makeWhole(app: HttpApp, url: string, stop: AbortSignal): Promise<boolean> {
    const { clock } = this.#options;
    const startedMs = clock.monotonicMs();
    while (!stop.aborted) {
      const headers = { [openingHeader]: this.#secret, host: "localhost" };
      const { statusCode, headers: told } = await app.inject({ method: "GET", url, headers });
      if (statusCode === 200 && told[leftOutHeader] === undefined) return true;
      const patienceMs = statusCode === 200 ? incompleteMsMax : refusedMsMax;
      if (clock.monotonicMs() - startedMs > patienceMs) return false;
      await pause(clock, 100, stop);
    }
    return false;
  }

  /** From now on everybody is let in. */
  open(): void {
    this.#isOver = true;
  }
}
