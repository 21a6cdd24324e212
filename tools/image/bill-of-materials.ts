/** What is in an image, for people and for scanners: a bill of materials (CycloneDX) and the texts of all licences. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Enums, Models, Serialize, Spec } from "@cyclonedx/cyclonedx-library";
import type { Lockfile } from "../complete-lockfile.ts";
import { licencesOf } from "../licences.ts";

export interface Part {
  /** Where it is installed, from the root of the repository: node_modules/… */
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** The hash that the lock file holds of its archive. */
  readonly integrity: string | undefined;
}

/** Of packages installed in these folders. Throws where one has no licence that may be here. */
export function partsOf(repository: string, folders: readonly string[]): Part[] {
  const lock = JSON.parse(readFileSync(join(repository, "package-lock.json"), "utf8")) as Lockfile;
  const licences = new Map(licencesOf(lock).map(({ name, licence }) => [name, licence]));
  return folders.map((folder) => {
    const { name, version } = JSON.parse(readFileSync(join(repository, folder, "package.json"), "utf8")) as {
      name: string;
      version: string;
    };
    const licence = licences.get(`${name}@${version}`);
    if (licence === undefined)
      throw new Error(
        `${name}@${version} is installed in ${folder}, but the lock file does not know it. Run npm ci.`,
      );
    return { folder, name, version, licence, integrity: lock.packages[folder]?.integrity };
  });
}

interface Described {
  readonly image: string;
  readonly version: string;
  readonly licence: string;
  readonly parts: readonly Part[];
}

/** CycloneDX 1.6 in JSON. The same parts give the same bytes: no date, and a serial number made from what is listed. */
export function billOfMaterials({ image, version, licence, parts }: Described): string {
  const main = new Models.Component(Enums.ComponentType.Container, `ecommerce/${image}`, {
    version,
    bomRef: `ecommerce/${image}@${version}`,
    licenses: new Models.LicenseRepository([new Models.LicenseExpression(licence)]),
  });
  // Installed twice, a package is still one.
  const once = new Map(parts.map((part) => [`${part.name}@${part.version}`, part]));
  const components = [...once.values()].map(componentOf);
  for (const { bomRef } of components) main.dependencies.add(bomRef);
  const bom = new Models.Bom({
    metadata: new Models.Metadata({ component: main }),
    components: new Models.ComponentRepository(components),
    serialNumber: serialOf(image, version, parts),
  });
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
}

function componentOf({ name, version, licence, integrity }: Part): Models.Component {
  const [group, plain] = name.startsWith("@") ? name.split("/") : [undefined, name];
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  const sha512 = /^sha512-(\S+)/.exec(integrity ?? "")?.[1];
  return new Models.Component(Enums.ComponentType.Library, plain ?? name, {
    version,
    purl,
    bomRef: purl,
    licenses: new Models.LicenseRepository([
      / (AND|OR) /.test(licence) ? new Models.LicenseExpression(licence) : new Models.SpdxLicense(licence),
    ]),
    ...(group === undefined ? {} : { group }),
    ...(sha512 === undefined
      ? {}
      : {
          externalReferences: new Models.ExternalReferenceRepository([
            new Models.ExternalReference(archiveOf(name, version), Enums.ExternalReferenceType.Distribution, {
              hashes: new Models.HashDictionary([
                [Enums.HashAlgorithm["SHA-512"], Buffer.from(sha512, "base64").toString("hex")],
              ]),
            }),
          ]),
        }),
  });
}

function archiveOf(name: string, version: string): string {
  return `https://registry.npmjs.org/${name}/-/${name.split("/").at(-1)}-${version}.tgz`;
}

/** A UUID of version 8: its bits are our own, a hash of what is listed. */
function serialOf(image: string, version: string, parts: readonly Part[]): string {
  const listed = JSON.stringify([image, version, parts.map(({ name, version: of }) => `${name}@${of}`)]);
  const hex = createHash("sha256").update(listed).digest("hex");
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** All texts in one file, each under the packages that it is about. */
export function licenceTexts(repository: string, parts: readonly Part[]): string {
  const byText = Map.groupBy(
    parts,
    ({ folder, licence }) => licenceText(join(repository, folder)) ?? `${licence}\n`,
  );
  return [...byText]
    .map(
      ([text, of]) => `${of.map(({ name, version }) => `${name} ${version}`).join("\n")}\n\n${text.trim()}\n`,
    )
    .join(`\n${"-".repeat(80)}\n\n`);
}

function licenceText(folder: string): string | undefined {
  const names = readdirSync(folder).filter((name) => /^(licen[cs]e|copying|notice)([.-].*)?$/i.test(name));
  if (names.length === 0) return undefined;
  return names
    .sort()
    .map((name) => readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n"))
    .join("\n");
}
