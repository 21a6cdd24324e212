/** What a test wants to happen at a named point; unset outside tests. */
let onReach: ((name: string) => Promise<void> | void) | undefined;

/** Installs what happens at failpoints, or takes it away. For crash tests only. */
export function setFailpoints(handler: ((name: string) => Promise<void> | void) | undefined): void {
  onReach = handler;
}

/** True while a test listens; lets hot paths skip the wait. */
export function hasFailpoints(): boolean {
  return onReach !== undefined;
}

/**
 * A named point where a crash test may end or delay the process. Does nothing otherwise. Every RPC has `<service>.<Rpc>.received` and
 * `.done`, every call to another process `<caller>.<Rpc>.answered`; a point of one's own is for what lies between them.
 */
export async function failpoint(name: string): Promise<void> {
  if (onReach) await onReach(name);
}
