import { AsyncLocalStorage } from "node:async_hooks";

const inside = new AsyncLocalStorage<true>();

/** Runs `work` marked as the inside of a database transaction. */
export function runInsideTransaction<T>(work: () => Promise<T>): Promise<T> {
  return inside.run(true, work);
}

/**
 * Guards the rule that no connection or lock is held during a call to another service: throws a plain Error, because that is
 * a bug of ours and never a request's fault.
 */
export function assertOutsideTransaction(callee: string): void {
  if (inside.getStore())
    throw new Error(
      `${callee} was called inside a database transaction. Ask first, then open the transaction.`,
    );
}
