// Looks again and again: at what changed since the last look, at what was wrong, and at the next piece of everything.
import type { Clock } from "#platform/kit/clock.ts";
import type { AuditScope, Books, Invariant, News, Part, Violation, WaitingRule } from "./invariant.ts";

/** What an audit found about one invariant. */
export interface Finding {
  readonly invariant: Invariant;
  readonly violations: readonly string[];
}

export interface AuditorOptions {
  readonly books: Books;
  readonly parts: readonly Part[];
  readonly waiting: readonly WaitingRule[];
  readonly scope: AuditScope;
  readonly clock: Clock;
  /** How many subjects of each part a look takes of the slow walk over everything. */
  readonly pieceMax: number;
}

/** The first look has no last one to go on from; the walk over everything finds what is older. */
const firstWindowSeconds = 3_600;
/** Transactions show their changes when they commit, under the time at which they began. */
const overlapSeconds = 120;
const newsMax = 2_000;
const secondLookMs = 2_000;
/** More than this many subjects of one part are not kept in mind; the walk over everything comes back to them. */
const rememberedMax = 5_000;

/** What an auditor remembers of a part. All of it is in memory: a new process begins a new walk. */
class Memory {
  /** Subjects with violations, looked at again each time. */
  known = new Map<string, readonly Violation[]>();
  /** Subjects on which work was under way. */
  underWay = new Set<string>();
  /** Where the walk over everything stands. */
  position: string | undefined;
}

export class Auditor {
  readonly #options: AuditorOptions;
  readonly #memories: Map<Part, Memory>;
  /** When the last look that came to its end began, on the clock of each service's database. */
  #lookedAt = new Map<string, string>();
  #waiting: Finding[] = [];
  #signal: AbortSignal | undefined;

  constructor(options: AuditorOptions) {
    this.#options = options;
    this.#memories = new Map(options.parts.map((part) => [part, new Memory()]));
  }

  /** One look. What it finds stays found until a later look sees that it is gone. When it throws, nothing counts as looked at; it does so soon after `signal` aborts. */
  async look(signal?: AbortSignal): Promise<Finding[]> {
    this.#signal = signal;
    const { parts, pieceMax } = this.#options;
    const startedAt = await this.#databaseTimes();
    const positions = parts.map((part) => this.#memory(part).position);
    const suspects = new Suspects();
    try {
      for (const part of parts) {
        const seen = new Set<string>();
        const examine = async (subjects: readonly string[]) =>
          await this.#examine(part, subjects, seen, suspects);
        const { known, underWay } = this.#memory(part);
        await examine([...known.keys(), ...underWay]);
        for (const news of part.news) await this.#readNews(news, examine);
        await this.#walk(part, pieceMax, examine);
      }
      await this.#settle(suspects);
    } catch (error) {
      parts.forEach((part, index) => (this.#memory(part).position = positions[index]));
      throw error;
    }
    this.#lookedAt = startedAt;
    return this.#findings();
  }

  /** Looks at everything once. `onProgress` hears how many subjects of a part have been looked at. */
  async lookAtEverything(onProgress: (part: string, count: number) => void): Promise<Finding[]> {
    const suspects = new Suspects();
    for (const part of this.#options.parts) {
      const memory = this.#memory(part);
      memory.position = undefined;
      let count = 0;
      do {
        await this.#walk(part, part.batchMax, async (subjects) => {
          count += subjects.length;
          await this.#examine(part, subjects, new Set(), suspects);
        });
        onProgress(part.name, count);
      } while (memory.position !== undefined);
    }
    await this.#settle(suspects);
    return this.#findings();
  }

  #memory(part: Part): Memory {
    const memory = this.#memories.get(part);
    if (!memory) throw new Error(`The auditor does not know the part ${part.name}.`);
    return memory;
  }

  async #databaseTimes(): Promise<Map<string, string>> {
    const { books, parts } = this.#options;
    const times = new Map<string, string>();
    for (const service of new Set(parts.flatMap(({ news }) => news.map((one) => one.service)))) {
      const [row] = await books.rows<{ now: string }>(service, "select now()::text as now");
      if (row) times.set(service, row.now);
    }
    return times;
  }

  /** Judges subjects that were not judged in this look. */
  async #examine(
    part: Part,
    subjects: readonly string[],
    seen: Set<string>,
    suspects: Suspects,
  ): Promise<void> {
    const { books, scope } = this.#options;
    const { known, underWay } = this.#memory(part);
    const fresh = [...new Set(subjects)].filter((subject) => !seen.has(subject));
    for (let start = 0; start < fresh.length; start += part.batchMax) {
      this.#signal?.throwIfAborted();
      const batch = fresh.slice(start, start + part.batchMax);
      const judgement = await part.judge(books, batch, scope);
      suspects.add(part, judgement.violations);
      const broken = new Set(judgement.violations.map(({ subject }) => subject));
      for (const subject of batch) {
        seen.add(subject);
        underWay.delete(subject);
        if (!broken.has(subject)) known.delete(subject);
      }
      for (const subject of judgement.underWay) if (underWay.size < rememberedMax) underWay.add(subject);
    }
  }

  /** Page after page, so that a rush between two looks is not held in memory. */
  async #readNews(news: News, examine: (subjects: string[]) => Promise<void>): Promise<void> {
    const { books } = this.#options;
    let { since, key } = await this.#newsBegin(news);
    for (;;) {
      const page = await books.rows<{ subject: string; at: string; key: string }>(news.service, news.text, [
        since,
        key,
        newsMax,
      ]);
      await examine(page.map(({ subject }) => subject));
      const last = page.at(-1);
      if (!last || page.length < newsMax) return;
      [since, key] = [last.at, last.key];
    }
  }

  async #newsBegin({ service, firstKey }: News): Promise<{ since: string; key: string }> {
    const lookedAt = this.#lookedAt.get(service) ?? null;
    const seconds = lookedAt === null ? firstWindowSeconds : overlapSeconds;
    const [row] = await this.#options.books.rows<{ since: string }>(
      service,
      "select (coalesce($1::timestamptz, now()) - make_interval(secs => $2))::text as since",
      [lookedAt, seconds],
    );
    if (!row) throw new Error(`The database of the ${service} service does not tell the time.`);
    return { since: row.since, key: firstKey };
  }

  /** The next piece of everything. At the end the next walk begins. */
  async #walk(
    part: Part,
    pieceMax: number,
    examine: (subjects: readonly string[]) => Promise<void>,
  ): Promise<void> {
    const memory = this.#memory(part);
    for (let count = 0; count < pieceMax;) {
      const limit = Math.min(part.batchMax, pieceMax - count);
      const subjects = await part.list(this.#options.books, memory.position, limit);
      await examine(subjects);
      count += subjects.length;
      // A short page is the last one.
      memory.position = subjects.length < limit ? undefined : subjects.at(-1);
      if (memory.position === undefined) return;
    }
  }

  /** Books are read one after another, so what moves in between can look wrong: only what a second look finds too is known. */
  async #settle(suspects: Suspects): Promise<void> {
    const { books, scope, clock } = this.#options;
    const waiting = await this.#findWaiting();
    if (!suspects.isEmpty || waiting.some(({ violations }) => violations.length > 0))
      await clock.sleep(secondLookMs, this.#signal);
    for (const [part, first] of suspects.byPart) {
      const { known } = this.#memory(part);
      const subjects = [...first.keys()];
      for (let start = 0; start < subjects.length; start += part.batchMax) {
        const batch = subjects.slice(start, start + part.batchMax);
        const again = bySubject((await part.judge(books, batch, scope)).violations);
        for (const subject of batch) remember(known, subject, inBoth(first.get(subject), again.get(subject)));
      }
    }
    this.#waiting = waiting.some(({ violations }) => violations.length > 0)
      ? inBothFindings(waiting, await this.#findWaiting())
      : waiting;
  }

  async #findWaiting(): Promise<Finding[]> {
    const { books, waiting } = this.#options;
    const findings: Finding[] = [];
    for (const rule of waiting) {
      const rows = await books.rows<{ broken: string }>(rule.service, rule.text);
      findings.push({ invariant: rule, violations: rows.map(({ broken }) => broken) });
    }
    return findings;
  }

  #findings(): Finding[] {
    const texts = new Map<string, string[]>();
    for (const { known } of this.#memories.values()) {
      for (const { invariantId, text } of [...known.values()].flat()) {
        const found = texts.get(invariantId);
        if (found) found.push(text);
        else texts.set(invariantId, [text]);
      }
    }
    const ofParts = this.#options.parts.flatMap(({ invariants }) =>
      invariants.map((invariant) => ({ invariant, violations: texts.get(invariant.id) ?? [] })),
    );
    return [...ofParts, ...this.#waiting];
  }
}

/** A shop in which this much is wrong needs no longer list. */
const suspectsMax = 4 * rememberedMax;

/** What a first look found, by part and subject. */
class Suspects {
  readonly byPart = new Map<Part, Map<string, Violation[]>>();

  get isEmpty(): boolean {
    return this.byPart.size === 0;
  }

  add(part: Part, violations: readonly Violation[]): void {
    if (violations.length === 0) return;
    const known = this.byPart.get(part) ?? new Map<string, Violation[]>();
    for (const [subject, found] of bySubject(violations))
      if (known.size < suspectsMax) known.set(subject, found);
    this.byPart.set(part, known);
  }
}

function bySubject(violations: readonly Violation[]): Map<string, Violation[]> {
  const found = new Map<string, Violation[]>();
  for (const violation of violations) {
    const same = found.get(violation.subject);
    if (same) same.push(violation);
    else found.set(violation.subject, [violation]);
  }
  return found;
}

function inBoth(first: readonly Violation[] = [], again: readonly Violation[] = []): Violation[] {
  const before = new Set(first.map(({ invariantId, text }) => `${invariantId} ${text}`));
  return again.filter(({ invariantId, text }) => before.has(`${invariantId} ${text}`));
}

function inBothFindings(first: readonly Finding[], again: readonly Finding[]): Finding[] {
  return again.map(({ invariant, violations }, index) => {
    const before = new Set(first[index]?.violations);
    return { invariant, violations: violations.filter((text) => before.has(text)) };
  });
}

function remember(
  known: Map<string, readonly Violation[]>,
  subject: string,
  violations: readonly Violation[],
): void {
  if (violations.length === 0) known.delete(subject);
  else if (known.has(subject) || known.size < rememberedMax) known.set(subject, violations);
}
