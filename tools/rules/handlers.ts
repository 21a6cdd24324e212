import { insideBrackets } from "../source-file.ts";
import { isTest, type Finding, type Rule } from "./rule.ts";

/** An RPC that forgets to ask who is calling is open to everyone; one that means to be open says why. */
export const rpcSaysWhoMayCall: Rule = ({ path, code, comments, imports }) => {
  if (!/^services\/[^/]+\/rpc\/[^/]+\.ts$/.test(path) || isTest(path)) return [];
  const isPublic = comments.some(({ text }) => /^\/\/ public: \S+ \S+/.test(text));
  const guards = imports
    .filter(({ specifier }) => specifier.startsWith("#platform/auth/guards.ts"))
    .flatMap(({ clause }) => clause.match(/\brequire[A-Z]\w*/g) ?? []);
  if (isPublic || guards.some((guard) => new RegExp(`\\b${guard}\\s*\\(`).test(code))) return [];
  const says =
    "An rpc file calls a `require…` function of #platform/auth/guards.ts, or says `// public: ` and the reason why anyone may call it.";
  return [{ at: 0, says }];
};

/** A neighbour that answers slowly must not hold locks in our database. */
export const noRemoteCallInTransaction: Rule = ({ path, code }) => {
  if (!/^(services|platform)\//.test(path) || isTest(path)) return [];
  return [...code.matchAll(/\binTransaction\s*(?:<[^()]*>)?\(/g)].flatMap((start): Finding[] => {
    const open = start.index + start[0].length - 1;
    const remote = [...insideBrackets(code, open).matchAll(/\bclients\b|\bfetch\s*\(|\brequest\s*\(/g)];
    return remote.map((found) => ({
      at: open + 1 + found.index,
      says: `No remote call inside a transaction (\`${found[0]}\`): ask before it, decide and save inside it, tell others after it.`,
    }));
  });
};
