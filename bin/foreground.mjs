import { spawn } from "node:child_process";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Runs a program in our place: it gets our signals, and we end when it has ended, in the same way. */
export async function runForeground(file, args, options) {
  const { code, signal } = await runChild(file, args, options);
  if (signal === null) process.exit(code);
  process.kill(process.pid, signal);
}

/**
 * Runs a program and waits for its end, also through Ctrl-C: the terminal has then told the program already. The
 * signals come from the terminal, from npm and from supervisors, often more than once; the program hears of them
 * from us once, as SIGTERM.
 */
export function runChild(file, args, options) {
  const child = spawn(file, args, options);
  let told = false;
  const tell = () => {
    if (!told) child.kill("SIGTERM");
    told = true;
  };
  for (const signal of signals) process.on(signal, tell);
  const stopWatching = watchNpm(tell);
  return new Promise((resolve, reject) => {
    const done = (settle) => (value, signal) => {
      for (const name of signals) process.off(name, tell);
      stopWatching();
      settle(value, signal);
    };
    child.once("error", done(reject));
    child.once(
      "exit",
      done((code, signal) => resolve({ code, signal, wasTold: told })),
    );
  });
}

// An npm that is killed cannot pass that on; without it, nothing on the terminal could stop the program any more.
function watchNpm(tell) {
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event === undefined) return () => undefined;
  const timer = setInterval(() => process.ppid !== parent && tell(), 500);
  return () => clearInterval(timer);
}
