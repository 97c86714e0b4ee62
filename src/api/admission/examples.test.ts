// Every file under examples/ is a valid object, and our own kinds among them pass admission.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import type { MutableObject } from "#machinery/admission.ts";
import { apiVersionOf, type KubeObject } from "#machinery/object.ts";
import { createDecoder } from "#machinery/schema-decode.ts";
import { createValidator } from "#machinery/schema-validate.ts";
import { parseYamlDocuments } from "#machinery/yaml.ts";
import { systemRandom } from "#std/random.ts";
import { systemClock } from "#std/time.ts";
import { builtinResources } from "../builtin/index.ts";
import { karmadaKinds } from "../karmada.ts";
import { karmadaAdmission } from "./karmada-admission.ts";

interface CrdSpec {
  readonly group: string;
  readonly names: { readonly kind: string };
  readonly versions: readonly { readonly name: string }[];
}

const directory = new URL("../../../examples/", import.meta.url);
const files = readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".yaml"));
const plugins = karmadaAdmission({ random: systemRandom(), clock: systemClock });

test("there are examples", () => {
  assert.ok(files.length >= 12);
});

function objectsIn(file: string): readonly KubeObject[] {
  return parseYamlDocuments(readFileSync(new URL(file, directory))).map(({ value }) => value as KubeObject);
}

/** Kinds that examples bring along. */
const declared = files.flatMap(objectsIn).flatMap((object) => {
  if (object.kind !== "CustomResourceDefinition") return [];
  const { group, names, versions } = object["spec"] as CrdSpec;
  return versions.map(({ name }) => ({ group, version: name, kind: names.kind }));
});

for (const { file, object } of files.flatMap((file) => objectsIn(file).map((object) => ({ file, object })))) {
  test(`examples/${file} is valid: ${object.kind} ${object.metadata.name}`, async () => {
    const isIts = (kind: { group: string; version: string; kind: string }): boolean =>
      apiVersionOf(kind) === object.apiVersion && kind.kind === object.kind;
    const builtin = builtinResources.find(({ kind }) => isIts(kind));
    if (builtin !== undefined) {
      const decoded = structuredClone(object) as unknown as MutableObject;
      assert.deepEqual(createDecoder(builtin.schema, builtin.resolve)(decoded), []);
      builtin.strategy.defaults(decoded);
      assert.deepEqual(builtin.strategy.validate(decoded as unknown as KubeObject), []);
      return;
    }
    if (declared.some(isIts)) return;
    const kind = karmadaKinds.find(isIts);
    assert.ok(kind !== undefined, `${object.apiVersion} ${object.kind} is no known kind`);
    const mutable = structuredClone(object) as unknown as MutableObject;
    const request = {
      operation: "CREATE",
      kind,
      subresource: undefined,
      namespace: object.metadata.namespace,
      name: object.metadata.name,
      object: mutable,
      old: undefined,
      user: { name: "u", groups: [] },
      dryRun: false,
      warn: () => undefined,
    } as const;
    for (const plugin of plugins) await plugin.mutate?.(request);
    const noReferences = (reference: string): never => assert.fail(`unexpected ${reference}`);
    assert.deepEqual(createValidator(kind.schema, noReferences)(mutable), []);
    for (const plugin of plugins) await plugin.validate?.(request);
  });
}
