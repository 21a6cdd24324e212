// What was checked, and how it ended.
let passed = 0;
let failed = 0;

/** Counts one check; what failed is told at once. */
export function check(sentence: string, faults: readonly string[] | boolean): void {
  const found = typeof faults === "boolean" ? (faults ? [] : ["it is not so"]) : faults;
  if (found.length === 0) {
    passed += 1;
    return;
  }
  failed += 1;
  console.log(`FAILED  ${sentence}`);
  for (const fault of found.slice(0, 10)) console.log(`        ${fault}`);
}

/** Runs one part; a part that breaks off counts as one failure and does not stop the others. */
export async function part(name: string, run: () => Promise<void>): Promise<void> {
  const before = failed;
  try {
    await run();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    check(`${name} to its end`, [text.split("\n").slice(0, 4).join(" ")]);
  }
  console.log(`${failed === before ? "ok     " : "FAILED "} ${name}`);
}

/** Prints the sum and says whether everything held. */
export function sum(): boolean {
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0;
}
