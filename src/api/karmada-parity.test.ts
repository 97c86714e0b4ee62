// Walks our schemas beside Karmada's own, from files that lie next to the clone where there are any. Prints every difference.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import test from "node:test";
import type { Schema } from "#machinery/schema.ts";
import { crdOf } from "./crd.ts";
import type { DefinedKind } from "./define-kind.ts";
import { karmadaKinds } from "./karmada.ts";

interface UpstreamVersion {
  readonly name: string;
  readonly storage: boolean;
  readonly schema: Schema & { readonly openAPIV3Schema?: Schema };
  readonly subresources?: Readonly<Record<string, unknown>>;
  readonly additionalPrinterColumns?: readonly unknown[];
}

interface UpstreamCrd {
  readonly names: Readonly<Record<string, unknown>>;
  readonly scope: string;
  readonly versions: readonly UpstreamVersion[];
}

const dataDirectory = new URL("../../../shared/data/", import.meta.url);

const bindingFields = [
  ["status.failoverHistory", "what moved, and why"],
  ["spec.clusters.[].components", "v1.19 has it"],
  ["spec.requiredBy.[].clusters.[].components", "v1.19 has it"],
] as const;

const inlineKeys = ["caData", "certData", "keyData"].map((field): [string, string] => [
  `Karmada.spec.components.etcd.external.${field}: they lack it`,
  "v1.12 has it",
]);

/** Differences from v1.18 that are meant, with the reason. */
const intended = new Map([
  ...inlineKeys,
  ...["PropagationPolicy", "ClusterPropagationPolicy", "ResourceBinding", "ClusterResourceBinding"].flatMap((kind) => {
    const failover = `${kind}.spec.failover`;
    const related = "statePreservation.rules.[].relatedResource";
    const startsUp = "an application that starts is not one that fails";
    return [
      [`${failover}.application.decisionConditions.initTolerationSeconds: they lack it`, startsUp],
      [`${failover}.application.${related}: they lack it`, "state that is not in the application's own status"],
      [`${failover}.cluster.${related}: they lack it`, "the same"],
      ...(kind.endsWith("Binding") ? bindingFields.map(([field, why]) => [`${kind}.${field}: they lack it`, why]) : []),
    ] as [string, string][];
  }),
]);

const renamed = "1.15 renamed Graciously, the old default, to Gracefully; both are accepted";

/** Where we refuse or default otherwise than v1.12 (v1.18 does too), with the reason. */
const intendedFrom112 = new Map([
  ["Karmada.spec.crdTarball.httpSource.url: required", "without it there is nothing to load"],
  ...["PropagationPolicy", "ClusterPropagationPolicy", "ResourceBinding", "ClusterResourceBinding"].map(
    (kind): [string, string] => [`${kind}.spec.failover.application.purgeMode: default`, renamed],
  ),
]);

/** Served by aggregated API servers upstream, so in no CRD file. */
const aggregated = new Set(["Cluster", "ResourceRegistry"]);

/** Kinds that are younger than v1.12. */
const since112 = new Set(["ClusterTaintPolicy"]);

test("every kind of v1.18 is there", (context) => {
  const crds = readCrds("karmada-crds-v1.18.2.json");
  if (crds === undefined) {
    context.skip("Karmada's schemas are not beside the clone");
    return;
  }
  const ours = karmadaKinds
    .filter(({ kind }) => !aggregated.has(kind))
    .map(({ plural, group }) => `${plural}.${group}`);
  assert.deepEqual(ours.sort(), Object.keys(crds).sort());
});

for (const kind of karmadaKinds.filter((kind) => !aggregated.has(kind.kind))) {
  test(`${kind.kind} has the schema of Karmada v1.18`, (context) => {
    const upstream = load("karmada-crds-v1.18.2.json", kind);
    if (upstream === undefined) {
      context.skip("Karmada's schemas are not beside the clone");
      return;
    }
    assertOnly(differences(kind, upstream), intended, kind);
  });

  if (since112.has(kind.kind)) continue;
  test(`${kind.kind} accepts what Karmada v1.12 accepts`, (context) => {
    const upstream = load("karmada-crds-v1.12.0.json", kind);
    if (upstream === undefined) {
      context.skip("Karmada's schemas are not beside the clone");
      return;
    }
    const narrower = narrowings(kind.schema, schemaOf(storageVersion(upstream)), kind.kind);
    assertOnly(narrower, intendedFrom112, kind);
  });
}

/** What is found and what is listed are the same. */
function assertOnly(found: readonly string[], listed: ReadonlyMap<string, string>, kind: DefinedKind): void {
  const expected = [...listed.keys()].filter((path) => path.startsWith(`${kind.kind}.`));
  assert.deepEqual([...found].sort(), expected.sort());
}

function load(file: string, kind: DefinedKind): UpstreamCrd | undefined {
  const crds = readCrds(file);
  if (crds === undefined) return undefined;
  const crd = crds[`${kind.plural}.${kind.group}`];
  assert.ok(crd !== undefined, `${kind.kind} is not in ${file}`);
  return crd;
}

function readCrds(file: string): Record<string, UpstreamCrd> | undefined {
  const url = new URL(file, dataDirectory);
  return existsSync(url) ? (JSON.parse(readFileSync(url, "utf8")) as Record<string, UpstreamCrd>) : undefined;
}

function storageVersion(crd: UpstreamCrd): UpstreamVersion {
  const version = crd.versions.find(({ storage }) => storage);
  assert.ok(version !== undefined);
  return version;
}

function schemaOf(version: UpstreamVersion): Schema {
  return version.schema.openAPIV3Schema ?? version.schema;
}

function differences(kind: DefinedKind, upstream: UpstreamCrd): string[] {
  const ours = crdOf(kind).spec;
  const [version] = ours.versions;
  const theirs = storageVersion(upstream);
  const say = (what: string, left: unknown, right: unknown): string[] =>
    stable(left) === stable(right) ? [] : [`${kind.kind}: ${what}: ours ${stable(left)}, theirs ${stable(right)}`];
  return [
    // A list's name follows from the kind's where it is left out.
    ...say("names", ours.names, { listKind: `${kind.kind}List`, ...upstream.names }),
    ...say("scope", ours.scope, upstream.scope),
    ...say("version", version?.name, theirs.name),
    ...say("columns", version?.additionalPrinterColumns ?? [], theirs.additionalPrinterColumns ?? []),
    ...say("subresources", version?.subresources ?? {}, theirs.subresources ?? {}),
    ...say(
      "versions",
      [...kind.olderVersions.map(({ name }) => name), kind.version],
      upstream.versions.map(({ name }) => name),
    ),
    ...schemaDifferences(kind.schema, schemaOf(theirs), kind.kind),
    ...kind.olderVersions.flatMap(({ name, schema, hasStatus }) => {
      const older = upstream.versions.find((each) => each.name === name);
      if (older === undefined) return [`${kind.kind}.${name}: they lack it`];
      return [
        ...say(`${name} subresources`, hasStatus ? { status: {} } : {}, older.subresources ?? {}),
        ...schemaDifferences(schema, schemaOf(older), `${kind.kind}.${name}`),
      ];
    }),
  ];
}

function schemaDifferences(ours: Schema, theirs: Schema, path: string): string[] {
  const found: string[] = [];
  const words = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
  for (const word of ["description", "properties", "items", "additionalProperties"]) words.delete(word);
  for (const word of words) {
    const [left, right] = [fieldOf(ours, word), fieldOf(theirs, word)];
    if (stable(left) !== stable(right)) found.push(`${path}: ${word}: ours ${stable(left)}, theirs ${stable(right)}`);
  }
  for (const [name, left, right] of children(ours, theirs)) {
    if (left === undefined) found.push(`${path}.${name}: we lack it`);
    else if (right === undefined) found.push(`${path}.${name}: they lack it`);
    else found.push(...schemaDifferences(left, right, `${path}.${name}`));
  }
  return found;
}

/** Where we refuse, default or drop otherwise than the older schema: fields gone, values gone, newly required. */
function narrowings(ours: Schema, theirs: Schema, path: string): string[] {
  const found: string[] = [];
  if (ours.type !== theirs.type) found.push(`${path}: type`);
  if (theirs.default !== undefined && stable(ours.default) !== stable(theirs.default)) found.push(`${path}: default`);
  const lost = (theirs.enum ?? []).filter((value) => !(ours.enum ?? theirs.enum ?? []).includes(value));
  if (lost.length > 0 || (ours.enum !== undefined && theirs.enum === undefined)) found.push(`${path}: enum`);
  const demanded = (ours.required ?? []).filter((name) => !(theirs.required ?? []).includes(name));
  found.push(
    ...demanded.filter((name) => theirs.properties?.[name] !== undefined).map((name) => `${path}.${name}: required`),
  );
  for (const [name, left, right] of children(ours, theirs)) {
    if (right === undefined) continue;
    if (left === undefined) found.push(`${path}.${name}: we lack it`);
    else found.push(...narrowings(left, right, `${path}.${name}`));
  }
  return found;
}

function children(ours: Schema, theirs: Schema): [string, Schema | undefined, Schema | undefined][] {
  const names = new Set([...Object.keys(ours.properties ?? {}), ...Object.keys(theirs.properties ?? {})]);
  return [
    ...[...names].map((name): [string, Schema | undefined, Schema | undefined] => [
      name,
      ours.properties?.[name],
      theirs.properties?.[name],
    ]),
    ...pair("[]", ours.items, theirs.items),
    ...pair("{}", asSchema(ours.additionalProperties), asSchema(theirs.additionalProperties)),
  ];
}

function pair(
  name: string,
  left: Schema | undefined,
  right: Schema | undefined,
): [string, Schema | undefined, Schema | undefined][] {
  return left === undefined && right === undefined ? [] : [[name, left, right]];
}

function asSchema(value: Schema | boolean | undefined): Schema | undefined {
  return typeof value === "boolean" ? undefined : value;
}

function fieldOf(schema: Schema, word: string): unknown {
  const value = (schema as Readonly<Record<string, unknown>>)[word];
  return word === "required" && Array.isArray(value) ? [...(value as string[])].sort() : value;
}

/** JSON with sorted keys. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
