// The last traces of this process, for whoever looks at a shop that has no trace store.

export type SpanKind = "server" | "client" | "internal" | "consumer";

/** Facts of a span: ids, numbers and names out of our own code; nothing that a person typed. */
export interface SpanAttributes {
  readonly [name: string]: string | number;
}

/** A piece of work that has ended. */
export interface RecentSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty where the trace begins. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly service: string;
  /** Unix time, with fractions of a millisecond. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly status: "ok" | "error";
  readonly attributes: SpanAttributes;
}

/** What this process knows of one trace. */
export interface RecentTrace {
  readonly traceId: string;
  /** Of its first span. */
  readonly name: string;
  readonly service: string;
  readonly startMs: number;
  /** From its first beginning to its last end. */
  readonly durationMs: number;
  readonly status: "ok" | "error";
  /** In the order in which they ended. */
  readonly spans: readonly RecentSpan[];
  /** More spans ended than are kept of one trace. */
  readonly isCut: boolean;
}

/** What came of a part of a trace whose spans in this process have all ended. */
export type Fate = "good" | "slow" | "failed";

/** So many bytes, as estimated, are kept of traces of each fate: 2 MiB for all. */
const bytesMax: { readonly [fate in Fate]: number } = {
  good: 1024 * 1024,
  slow: 512 * 1024,
  failed: 512 * 1024,
};
const traceBytesMax = 128 * 1024;
/** Good traces that begin with the same span: so many at once, and so many each second. The rest of a flood is left out. */
const burst = 20;
const perSecond = 5;
const namesMax = 500;

interface Kept {
  readonly traceId: string;
  readonly spans: RecentSpan[];
  fate: Fate;
  bytes: number;
  isCut: boolean;
}

interface Turns {
  left: number;
  atMs: number;
}

class TraceRing {
  readonly #byFate: { readonly [fate in Fate]: Map<string, Kept> } = {
    good: new Map(),
    slow: new Map(),
    failed: new Map(),
  };
  readonly #bytes: { [fate in Fate]: number } = { good: 0, slow: 0, failed: 0 };
  readonly #turns = new Map<string, Turns>();

  /** Keeps spans of one trace. Later ones of a trace that is there join it. */
  keep(traceId: string, spans: readonly RecentSpan[], fate: Fate): void {
    const last = spans.at(-1);
    if (!last) return;
    const known = this.find(traceId);
    if (!known && fate === "good" && !this.#isItsTurn(last.name, last.startMs + last.durationMs)) return;
    const kept = known ?? { traceId, spans: [], fate, bytes: 0, isCut: false };
    if (known) this.#takeOut(known);
    kept.fate = worse(kept.fate, fate);
    for (const span of spans) {
      const bytes = bytesOf(span);
      if (kept.bytes + bytes > traceBytesMax) {
        kept.isCut = true;
        break;
      }
      kept.spans.push(span);
      kept.bytes += bytes;
    }
    this.#putIn(kept);
  }

  find(traceId: string): Kept | undefined {
    const { good, slow, failed } = this.#byFate;
    return good.get(traceId) ?? slow.get(traceId) ?? failed.get(traceId);
  }

  *all(): Iterable<Kept> {
    for (const kept of Object.values(this.#byFate)) yield* kept.values();
  }

  clear(): void {
    for (const kept of this.all()) this.#takeOut(kept);
    this.#turns.clear();
  }

  #takeOut(kept: Kept): void {
    if (this.#byFate[kept.fate].delete(kept.traceId)) this.#bytes[kept.fate] -= kept.bytes;
  }

  #putIn(kept: Kept): void {
    const { fate } = kept;
    this.#byFate[fate].set(kept.traceId, kept);
    this.#bytes[fate] += kept.bytes;
    for (const oldest of this.#byFate[fate].values()) {
      if (this.#bytes[fate] <= bytesMax[fate]) return;
      this.#takeOut(oldest);
    }
  }

  #isItsTurn(name: string, nowMs: number): boolean {
    const turns = this.#turns.get(name);
    if (!turns) {
      const [oldest] = this.#turns.keys();
      if (oldest !== undefined && this.#turns.size >= namesMax) this.#turns.delete(oldest);
      this.#turns.set(name, { left: burst - 1, atMs: nowMs });
      return true;
    }
    const more = (Math.max(0, nowMs - turns.atMs) / 1000) * perSecond;
    turns.left = Math.min(burst, turns.left + more);
    turns.atMs = nowMs;
    if (turns.left < 1) return false;
    turns.left -= 1;
    return true;
  }
}

const ring = new TraceRing();

/** Takes the spans of a trace, or of a part of one, that have ended. Called by what makes spans. */
export function keepTrace(traceId: string, spans: readonly RecentSpan[], fate: Fate): void {
  ring.keep(traceId, spans, fate);
}

/** For tests: forgets all. */
export function forgetTraces(): void {
  ring.clear();
}

/**
 * The traces that this process has kept, those that ended last first. Bounded to about 2 MiB: 1 MiB of good ones, and half a MiB each
 * of slow and of failed ones, which good ones do not drive out; 128 KiB of one trace. Of good traces that begin with the same span
 * it keeps five a second, after the first twenty.
 */
export function recentTraces(): RecentTrace[] {
  return [...ring.all()].map(traceOf).sort((a, b) => endOf(b) - endOf(a));
}

/** One of them; undefined when it is not kept here, or no longer. */
export function findRecentTrace(traceId: string): RecentTrace | undefined {
  const kept = ring.find(traceId);
  return kept && traceOf(kept);
}

function traceOf({ traceId, spans, fate, isCut }: Kept): RecentTrace {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const roots = spans.filter(({ parentSpanId }) => !ids.has(parentSpanId));
  const [first] = roots.toSorted((a, b) => a.startMs - b.startMs);
  const startMs = Math.min(...spans.map((span) => span.startMs));
  const endMs = Math.max(...spans.map((span) => span.startMs + span.durationMs));
  return {
    traceId,
    name: first?.name ?? "",
    service: first?.service ?? "",
    startMs,
    durationMs: endMs - startMs,
    status: fate === "failed" ? "error" : "ok",
    spans: [...spans],
    isCut,
  };
}

function endOf({ startMs, durationMs }: RecentTrace): number {
  return startMs + durationMs;
}

const order: readonly Fate[] = ["good", "slow", "failed"];

function worse(one: Fate, other: Fate): Fate {
  return order.indexOf(one) >= order.indexOf(other) ? one : other;
}

/** Two objects and two ids; names are shared with the code. */
function bytesOf({ attributes }: RecentSpan): number {
  let bytes = 400;
  for (const name in attributes) bytes += 32 + String(attributes[name]).length;
  return bytes;
}
