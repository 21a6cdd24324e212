/**
 * A reason why the program cannot start (or go on) that its operator can mend. The message is the whole report:
 * what happened, what was expected, what to do. Print it without a stack.
 */
export class StartError extends Error {
  override readonly name = "StartError";
}
