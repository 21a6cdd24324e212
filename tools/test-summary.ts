import type { EventEmitter } from "node:events";

/** What became of the tests of one run. */
export interface TestCounts {
  passed: number;
  failed: string[];
  skipped: string[];
}

interface TestEvent {
  name: string;
  file?: string | undefined;
  skip?: string | boolean;
  todo?: string | boolean;
  details?: { type?: string };
}

/** Counts along while the tests of `stream` run; suites are not tests. `nameOf` makes a file's path readable. */
export function countTests(stream: EventEmitter, nameOf: (file: string) => string): TestCounts {
  const counts: TestCounts = { passed: 0, failed: [], skipped: [] };
  const titled = (test: TestEvent) => (test.file ? `${nameOf(test.file)}: ${test.name}` : test.name);
  stream.on("test:pass", (test: TestEvent) => {
    if (test.details?.type === "suite") return;
    const reason = test.skip ?? test.todo;
    if (reason === undefined || reason === false) counts.passed += 1;
    else
      counts.skipped.push(
        `${titled(test)} (${reason === true || reason === "" ? "no reason given" : reason})`,
      );
  });
  stream.on("test:fail", (test: TestEvent) => {
    if (test.details?.type !== "suite") counts.failed.push(titled(test));
  });
  return counts;
}

/** The end of the report: which tests failed, which were skipped and why, and the counts on a line of their own. */
export function summarise({ passed, failed, skipped }: TestCounts): string {
  const list = (title: string, names: string[]) =>
    names.length === 0 ? [] : ["", `${title}:`, ...names.map((name) => `  ${name}`)];
  const counts = `${passed} passed, ${failed.length} failed, ${skipped.length} skipped`;
  return [...list("Failed", failed), ...list("Skipped", skipped), "", counts, ""].join("\n");
}
