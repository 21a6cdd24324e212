/**
 * Objects held against the TypeScript types of their kinds, those that operators bring among them: each object is written down as a literal, of which
 * the compiler refuses fields that do not exist, wrong words and missing fields.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { chartToolsFolder } from "../../tools/chart/tools-folder.ts";
import type { AnyObject } from "./objects.ts";

/** Which package has the types of a group, beside Kubernetes' own. */
const packages: Readonly<Record<string, string>> = {
  "argoproj.io": "@kubernetes-models/argo-rollouts",
  "cert-manager.io": "@kubernetes-models/cert-manager",
  "external-secrets.io": "@kubernetes-models/external-secrets",
  "gateway.networking.k8s.io": "@kubernetes-models/gateway-api",
  "keda.sh": "@kubernetes-models/keda",
  "monitoring.coreos.com": "@kubernetes-models/prometheus-operator",
  "networking.istio.io": "@kubernetes-models/istio",
  "security.istio.io": "@kubernetes-models/istio",
  "telemetry.istio.io": "@kubernetes-models/istio",
};

export const withoutTypes: string | false = existsSync(join(chartToolsFolder(), "node_modules"))
  ? false
  : "needs the types of Kubernetes' objects; node tools/chart/install.ts brings them";

/** Whether there is a type for this kind, in the version that the object names. */
export function hasType(object: AnyObject): boolean {
  return existsSync(join(chartToolsFolder(), "node_modules", `${moduleOf(object)}.d.ts`));
}

function moduleOf({ apiVersion, kind }: AnyObject): string {
  const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
  return `${packages[group] ?? "kubernetes-models"}/${apiVersion}/${kind}`;
}

/** All at once, because starting the compiler costs more than an object does. */
export function typeFaultsOf(objects: readonly AnyObject[]): string[] {
  const folder = mkdtempSync(join(chartToolsFolder(), "objects-"));
  try {
    const names = new Map<string, string>();
    const texts = new Map<string, string>();
    for (const object of objects) texts.set(JSON.stringify(object), `${object.kind}/${object.metadata.name}`);
    let number = 0;
    for (const [text, name] of texts) {
      number += 1;
      const object = JSON.parse(text) as AnyObject;
      names.set(`o${number}.ts`, name);
      const source = [
        `import type { I${object.kind} } from ${JSON.stringify(moduleOf(object))};`,
        `export const object: I${object.kind} = ${JSON.stringify(object, null, 1)};`,
      ];
      writeFileSync(join(folder, `o${number}.ts`), source.join("\n"));
    }
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(compilerOptions));
    const compiler = resolve(import.meta.dirname, "../../node_modules/.bin/tsc");
    const { stdout, status } = spawnSync(compiler, ["-p", folder, "--pretty", "false"], {
      encoding: "utf8",
      cwd: folder,
      maxBuffer: 64 * 2 ** 20,
    });
    const faults = stdout.split("\n").filter((line) => /\berror TS/.test(line));
    if (status !== 0 && faults.length === 0)
      throw new Error(`The compiler failed without a fault:\n${stdout}`);
    return faults.map((line) =>
      line.replace(
        /^(o\d+\.ts)\(\d+,\d+\): error TS\d+:/,
        (_, file: string) => `${names.get(file) ?? file}:`,
      ),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const compilerOptions = {
  compilerOptions: {
    target: "esnext",
    module: "nodenext",
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    types: [],
    incremental: false,
  },
  include: ["*.ts"],
};
