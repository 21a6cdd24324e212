// Named steps, counted: what failed is told, and what depends on it is not tried.
export class Steps {
  #passed = 0;
  #failed = 0;
  readonly #errors = new Set<unknown>();

  /** Throws on when it fails: nothing after it makes sense. */
  async must<T>(name: string, work: () => Promise<T>): Promise<T> {
    try {
      const value = await work();
      this.#passed += 1;
      console.log(`✔ ${name}`);
      return value;
    } catch (error) {
      this.#failed += 1;
      this.#errors.add(error);
      console.log(`✖ ${name}\n${error instanceof Error ? error.message : String(error)}`);
      throw error;
    }
  }

  async try<T>(name: string, work: () => Promise<T>): Promise<T | undefined> {
    return await this.must(name, work).catch(() => undefined);
  }

  /** True for a failure that was told already. */
  knows(error: unknown): boolean {
    return this.#errors.has(error);
  }

  /** Prints the counts; returns the exit code. */
  report(): number {
    console.log(`${this.#passed} passed, ${this.#failed} failed`);
    return this.#failed === 0 && this.#passed > 0 ? 0 : 1;
  }
}
