// People at a shop, for as long as a phase lasts.
import { systemClock } from "#platform/kit/clock.ts";
import { buyOverRest } from "../lab/rest-buyer.ts";
import { deeds, type Figures, type Phase } from "./game-day.ts";

interface Sample {
  readonly ms: number;
  readonly failed: boolean;
  readonly isDegraded: boolean;
  readonly repeated: number;
}

type Samples = { readonly [deed in (typeof deeds)[number]]: Sample[] };

export interface Place {
  readonly origin: string;
  readonly productId: string;
  /** The orders that were acknowledged, over all phases. */
  readonly acknowledged: string[];
}

/** Two who look around and one who buys, one deed after the other. */
export async function play(place: Place, seconds: number): Promise<Phase> {
  const samples: Samples = { page: [], suggestions: [], product: [], order: [] };
  const untilMs = systemClock.monotonicMs() + seconds * 1_000;
  const repeat = async (work: () => Promise<void>) => {
    while (systemClock.monotonicMs() < untilMs) await work();
  };
  await Promise.all([
    repeat(() => lookAround(place, samples)),
    repeat(() => lookAround(place, samples)),
    repeat(() => buy(place, samples)),
  ]);
  return Object.fromEntries(deeds.map((deed) => [deed, figuresOf(samples[deed])])) as Phase;
}

async function lookAround({ origin, productId }: Place, samples: Samples): Promise<void> {
  samples.page.push(await look(`${origin}/product/${productId}`));
  samples.suggestions.push(await look(`${origin}/api/recommendations?productIds=${productId}`));
  samples.product.push(await look(`${origin}/api/products/${productId}`));
}

async function look(url: string): Promise<Sample> {
  const begun = systemClock.monotonicMs();
  const answer = await fetch(url, { signal: AbortSignal.timeout(15_000) }).catch(() => undefined);
  await answer?.arrayBuffer().catch(() => undefined);
  const ms = systemClock.monotonicMs() - begun;
  const isDegraded = answer?.headers.has("x-stoa-degraded") ?? false;
  // People look, read, and look again.
  await systemClock.sleep(50);
  return { ms, failed: !answer || answer.status >= 500, isDegraded, repeated: 0 };
}

async function buy({ origin, productId, acknowledged }: Place, samples: Samples): Promise<void> {
  const begun = systemClock.monotonicMs();
  try {
    const { answer, tries } = await buyOverRest(origin, productId);
    if (answer.kind === "acknowledged") acknowledged.push(answer.orderId);
    const ms = systemClock.monotonicMs() - begun;
    samples.order.push({
      ms,
      failed: answer.kind !== "acknowledged",
      isDegraded: false,
      repeated: tries - 1,
    });
  } catch {
    samples.order.push({
      ms: systemClock.monotonicMs() - begun,
      failed: true,
      isDegraded: false,
      repeated: 0,
    });
  }
}

function figuresOf(samples: readonly Sample[]): Figures {
  const sorted = samples.map(({ ms }) => ms).toSorted((left, right) => left - right);
  const at = (part: number) =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0);
  return {
    count: samples.length,
    failed: samples.filter(({ failed }) => failed).length,
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    degraded: samples.filter(({ isDegraded }) => isDegraded).length,
    repeated: samples.reduce((sum, { repeated }) => sum + repeated, 0),
  };
}
