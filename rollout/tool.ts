// kubectl and helm as they stand on this machine, with the cluster and the rights that the person has.
import { spawn } from "node:child_process";
import { StartError } from "#platform/kit/start-error.ts";

export interface Tools {
  /** Answers what the program printed. Throws a full sentence when it failed. */
  kubectl(words: readonly string[], limits?: ToolLimits): Promise<string>;
  helm(words: readonly string[], limits?: ToolLimits): Promise<string>;
  /** The words that kubectl wants before all others, to start it by hand. */
  readonly kubectlWords: readonly string[];
}

export interface ToolLimits {
  readonly timeoutMs?: number;
  /** What it reads. */
  readonly input?: string;
}

export interface Where {
  readonly namespace: string | undefined;
  readonly context: string | undefined;
}

const usualTimeoutMs = 120_000;

export function openTools({ namespace, context }: Where): Tools {
  const kubectlWords = [
    ...(context === undefined ? [] : ["--context", context]),
    ...(namespace === undefined ? [] : ["--namespace", namespace]),
  ];
  const helmWords = [
    ...(context === undefined ? [] : ["--kube-context", context]),
    ...(namespace === undefined ? [] : ["--namespace", namespace]),
  ];
  return {
    kubectlWords,
    kubectl: async (words, limits) => await runTool("kubectl", [...kubectlWords, ...words], limits),
    helm: async (words, limits) => await runTool("helm", [...helmWords, ...words], limits),
  };
}

/** In a group of its own: Ctrl-C ends the rollout between two steps, never a change of the cluster in the middle. */
async function runTool(program: string, words: readonly string[], limits: ToolLimits = {}): Promise<string> {
  const { timeoutMs = usualTimeoutMs, input } = limits;
  const child = spawn(program, words, {
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    timeout: timeoutMs,
  });
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on("data", (part: Buffer) => stdout.push(part));
  child.stderr.on("data", (part: Buffer) => stderr.push(part));
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "ENOENT"
          ? new StartError(
              `${program} is not installed here; a rollout on Kubernetes needs kubectl and helm.`,
            )
          : error,
      ),
    );
    child.once("close", resolve);
  });
  if (code === 0) return Buffer.concat(stdout).toString();
  const said = Buffer.concat(stderr).toString().trim() || "It said nothing.";
  const what = words.filter((word) => !word.startsWith("--")).slice(0, 3);
  throw new ToolError(
    code === null
      ? `${program} ${what.join(" ")} did not end within ${timeoutMs / 1000} s. ${said}`
      : `${program} ${what.join(" ")} failed: ${said}`,
  );
}

/** A tool that said no, in its own words. */
export class ToolError extends StartError {}
