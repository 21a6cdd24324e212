/** Lets a bounded number of pieces of work go on at once; the others wait in the order they came. */
export class Queue {
  readonly #parallelMax: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(parallelMax: number) {
    this.#parallelMax = parallelMax;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#parallelMax) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // The place is handed over, not given back, so that nobody slips in between.
      if (next) next();
      else this.#running -= 1;
    }
  }
}
