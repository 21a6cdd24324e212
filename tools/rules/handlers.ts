import type { Node } from "oxc-parser";
import { memberName, nodesIn, type SourceFile } from "../source-file.ts";
import { isTest, type Finding, type Rule } from "./rule.ts";

/** An RPC that forgets to ask who is calling is open to everyone; one that means to be open says why. */
export const rpcSaysWhoMayCall: Rule = ({ path, nodes, comments, imports }) => {
  if (!/^(services|extensions)\/[^/]+\/rpc\/[^/]+\.ts$/.test(path) || isTest(path)) return [];
  const isPublic = comments.some(({ text }) => /^\/\/ public: \S+ \S+/.test(text));
  const guards = imports
    .filter(({ specifier }) => specifier === "#platform/auth/guards.ts")
    .flatMap(({ names }) => names)
    .filter(({ imported }) => /^require[A-Z]/.test(imported))
    .map(({ local }) => local);
  const isAsked = nodes.some(
    (node) =>
      node.type === "CallExpression" &&
      node.callee.type === "Identifier" &&
      guards.includes(node.callee.name),
  );
  if (isPublic || isAsked) return [];
  const says =
    "An rpc file calls a `require…` function of #platform/auth/guards.ts, or says `// public: ` and the reason why anyone may call it.";
  return [{ at: 0, says }];
};

/** What a reader shows may be old while the primary is away: people may look at it, and nothing may be decided on it. */
export const readersDecideNothing: Rule = ({ path, nodes }) => {
  if (!/^(services|extensions)\//.test(path) || isTest(path)) return [];
  const members = nodes.filter((node) => node.type === "MemberExpression");
  const reader = members.find((node) => memberName(node) === "reader");
  if (!reader) return [];
  const changes = members.some((node) => ["inTransaction", "run", "emit"].includes(memberName(node) ?? ""));
  if (/\/rpc\/(get|list|find|search)-[^/]+\.ts$/.test(path) && !changes) return [];
  const says =
    "`db.reader()` is for rpcs that get, list, find or search, and change nothing: what it shows may be old while the primary is away.";
  return [{ at: reader.start, says }];
};

/**
 * A neighbour that answers slowly must not hold locks in our database. Seen is what a transaction runs in this file: the function
 * it is given, written in place or by name, and every function and method of the file that is called on the way.
 */
export const noRemoteCallInTransaction: Rule = (source) => {
  if (!/^(services|platform|extensions)\//.test(source.path) || isTest(source.path)) return [];
  const functions = functionsOf(source);
  const clients = clientNames(source);
  const seen = new Set<Node>();
  const findings = new Map<number, Finding>();
  const visit = (body: Node) => {
    if (seen.has(body)) return;
    seen.add(body);
    for (const node of nodesIn(body)) {
      const remote = remoteIn(node, clients);
      if (remote !== undefined) findings.set(remote.at, { at: remote.at, says: saysRemote(remote.name) });
      for (const called of calledBy(node)) functions.get(called)?.forEach(visit);
    }
  };
  for (const node of source.nodes) {
    if (node.type !== "CallExpression" || !isInTransaction(node.callee)) continue;
    for (const argument of node.arguments) {
      if (isFunction(argument)) visit(argument);
      else functions.get(calleeName(argument) ?? "")?.forEach(visit);
    }
  }
  return [...findings.values()];
};

const saysRemote = (name: string) =>
  `No remote call inside a transaction (\`${name}\`): ask before it, decide and save inside it, tell others after it.`;

/** What of a node leaves this process: a client of another service, or HTTP. */
function remoteIn(node: Node, clients: Set<string>): { at: number; name: string } | undefined {
  if (node.type === "MemberExpression") {
    const isClient = node.object.type === "Identifier" && clients.has(node.object.name);
    if (isClient && node.object.type === "Identifier") return { at: node.start, name: node.object.name };
    return memberName(node) === "clients" ? { at: node.property.start, name: "clients" } : undefined;
  }
  if (node.type === "VariableDeclarator" && node.id.type === "ObjectPattern") {
    const isTaken = node.id.properties.some(
      (one) => one.type === "Property" && one.key.type === "Identifier" && one.key.name === "clients",
    );
    return isTaken ? { at: node.start, name: "clients" } : undefined;
  }
  if (node.type !== "CallExpression") return undefined;
  const { callee } = node;
  if (callee.type === "Identifier" && (/^(fetch|request)$/.test(callee.name) || clients.has(callee.name)))
    return { at: node.start, name: callee.name };
  return memberName(callee) === "request" ? { at: node.start, name: "request" } : undefined;
}

/** Names in this file that stand for clients of other services: `const { catalog } = ctx.clients`, `const pay = ctx.clients.payment`. */
function clientNames({ nodes }: SourceFile): Set<string> {
  const names = new Set<string>();
  for (const node of nodes) {
    if (node.type !== "VariableDeclarator" || !node.init) continue;
    const { id, init } = node;
    const isClients =
      memberName(init) === "clients" || (init.type === "Identifier" && init.name === "clients");
    const isClient = init.type === "MemberExpression" && memberName(init.object) === "clients";
    if (id.type === "Identifier" && (isClients || isClient)) names.add(id.name);
    if (id.type !== "ObjectPattern" || !(isClients || isClient)) continue;
    for (const one of id.properties)
      if (one.type === "Property" && one.value.type === "Identifier") names.add(one.value.name);
  }
  return names;
}

/** Functions and methods of the file by name; of equal names all, because which one is meant is not known here. */
function functionsOf({ nodes }: SourceFile): Map<string, Node[]> {
  const functions = new Map<string, Node[]>();
  const add = (name: string | undefined, body: Node | null) => {
    if (name !== undefined && body) functions.set(name, [...(functions.get(name) ?? []), body]);
  };
  for (const node of nodes) {
    if (node.type === "FunctionDeclaration") add(node.id?.name, node);
    if (node.type === "VariableDeclarator" && node.id.type === "Identifier" && isFunction(node.init))
      add(node.id.name, node.init);
    if (node.type === "MethodDefinition" || node.type === "PropertyDefinition")
      add(`this.${keyName(node.key)}`, isFunction(node.value) ? node.value : null);
  }
  return functions;
}

/** What a node calls, or hands to somebody who will, in the names of `functionsOf`. */
function calledBy(node: Node): string[] {
  if (node.type !== "CallExpression") return [];
  return [node.callee, ...node.arguments].flatMap((one) => calleeName(one) ?? []);
}

/** `save` or `this.save`: what can be a function of this file. */
function calleeName(node: Node): string | undefined {
  if (node.type === "Identifier") return node.name;
  if (node.type !== "MemberExpression" || node.object.type !== "ThisExpression") return undefined;
  return `this.${memberName(node)}`;
}

function isInTransaction(callee: Node): boolean {
  return callee.type === "Identifier"
    ? callee.name === "inTransaction"
    : memberName(callee) === "inTransaction";
}

function keyName(key: Node): string {
  if (key.type === "PrivateIdentifier") return `#${key.name}`;
  return key.type === "Identifier" ? key.name : "";
}

function isFunction(node: Node | null | undefined): node is Node {
  return node?.type === "ArrowFunctionExpression" || node?.type === "FunctionExpression";
}
