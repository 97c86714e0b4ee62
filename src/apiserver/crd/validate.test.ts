import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { CustomResourceDefinition } from "#api/kinds.ts";
import { fieldErrorText } from "#machinery/field-error.ts";
import { deprecationWarningOf } from "./deprecation.ts";
import { parseSimplePath } from "./paths.ts";
import { testCrd, testVersion } from "./testing.ts";
import { validateCrd } from "./validate.ts";

type Spec = CustomResourceDefinition["spec"];

const good = { storedVersions: ["v1"] };
const v1 = testVersion("v1", { storage: true });
const { names } = testCrd().spec;

function texts(crd: CustomResourceDefinition, old?: CustomResourceDefinition): readonly string[] {
  return validateCrd(crd, old).map(fieldErrorText);
}

describe("validateCrd", () => {
  const cases: { name: string; spec: Partial<Spec>; errors: (string | RegExp)[] }[] = [
    { name: "a good one", spec: {}, errors: [] },
    {
      name: "a group without a dot",
      spec: { group: "example" },
      errors: ['spec.group: Invalid value: "example": should be a domain with at least one dot'],
    },
    { name: "no scope", spec: { scope: "" }, errors: ["spec.scope: Required value"] },
    {
      name: "an unknown scope",
      spec: { scope: "World" },
      errors: ['spec.scope: Unsupported value: "World": supported values: "Cluster", "Namespaced"'],
    },
    {
      name: "no storage version",
      spec: { versions: [testVersion("v1")] },
      errors: [/^spec\.versions: Invalid value: .*: must have exactly one version marked as storage version$/],
    },
    {
      name: "a version twice",
      spec: { versions: [v1, testVersion("v1")] },
      errors: [/^spec\.versions: Invalid value: .*: must contain unique version names$/],
    },
    {
      name: "no schema",
      spec: { versions: [{ name: "v1", served: true, storage: true }] },
      errors: ["spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required"],
    },
    {
      name: "a schema that is not structural",
      spec: { versions: [{ ...v1, schema: { openAPIV3Schema: { type: "object", properties: { spec: {} } } } }] },
      errors: [
        "spec.versions[0].schema.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields",
      ],
    },
    {
      name: "kind and list kind alike, a wrong short name",
      spec: { names: { ...names, listKind: "Widget", shortNames: ["W"] } },
      errors: [
        /^spec\.names\.shortNames\[0\]: Invalid value: "W": a DNS-1035 label must consist of/,
        'spec.names.listKind: Invalid value: "Widget": kind and listKind may not be the same',
      ],
    },
    {
      name: "a stored version that is gone",
      spec: { versions: [testVersion("v2", { storage: true })] },
      errors: [
        'status.storedVersions: Invalid value: "v2": must have the storage version v2',
        /^status\.storedVersions\[0\]: Invalid value: "v1": missing from spec\.versions; v1 was previously a storage version/,
      ],
    },
    {
      name: "conversion by a webhook that is not named",
      spec: { conversion: { strategy: "Webhook" } },
      errors: [
        "spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook",
        "spec.conversion.conversionReviewVersions: Required value",
      ],
    },
    {
      name: "conversion by a webhook that cannot be reached or understood",
      spec: {
        conversion: {
          strategy: "Webhook",
          webhook: {
            clientConfig: { url: "http://example.com", caBundle: "bm8=" },
            conversionReviewVersions: ["v3", "v3"],
          },
        },
      },
      errors: [
        /^spec\.conversion\.webhookClientConfig\.url: Invalid value: "http": 'https' is the only allowed URL scheme/,
        'spec.conversion.webhookClientConfig.caBundle: Invalid value: "bm8=": unable to load root certificates: unable to parse bytes as PEM block',
        'spec.conversion.conversionReviewVersions[1]: Invalid value: "v3": duplicate version',
        'spec.conversion.conversionReviewVersions: Invalid value: ["v3","v3"]: must include at least one of v1, v1beta1',
      ],
    },
    {
      name: "a webhook that is not asked",
      spec: { conversion: { strategy: "None", webhook: { conversionReviewVersions: ["v1"] } } },
      errors: ["spec.conversion.webhookClientConfig: Forbidden: should not be set when strategy is not set to Webhook"],
    },
    {
      name: "preserveUnknownFields",
      spec: { preserveUnknownFields: true },
      errors: [/^spec\.preserveUnknownFields: Invalid value: true: must be false/],
    },
    {
      name: "scale paths elsewhere",
      spec: {
        versions: [
          {
            ...v1,
            subresources: { scale: { specReplicasPath: ".status.n", statusReplicasPath: "", labelSelectorPath: ".x" } },
          },
        ],
      },
      errors: [
        'spec.versions[0].subresources.scale.specReplicasPath: Invalid value: ".status.n": should be a json path under .spec',
        "spec.versions[0].subresources.scale.statusReplicasPath: Required value",
        'spec.versions[0].subresources.scale.labelSelectorPath: Invalid value: ".x": should be a json path under either .spec or .status',
      ],
    },
    {
      name: "a wrong column",
      spec: { versions: [{ ...v1, additionalPrinterColumns: [{ name: "", type: "text", jsonPath: "" }] }] },
      errors: [
        "spec.versions[0].additionalPrinterColumns[0].name: Required value",
        'spec.versions[0].additionalPrinterColumns[0].type: Invalid value: "text": must be one of boolean,date,integer,number,string',
        "spec.versions[0].additionalPrinterColumns[0].jsonPath: Required value",
      ],
    },
    {
      name: "fields that cannot be selected by",
      spec: {
        versions: [
          {
            ...v1,
            selectableFields: [".spec.size", ".spec", ".metadata.name", ".a"].map((jsonPath) => ({ jsonPath })),
          },
        ],
      },
      errors: [
        'spec.versions[0].selectableFields[1].jsonPath: Invalid value: ".spec": must point to a field of type boolean, integer, string',
        'spec.versions[0].selectableFields[2].jsonPath: Invalid value: ".metadata.name": must not point to fields in metadata',
        'spec.versions[0].selectableFields[3].jsonPath: Invalid value: ".a": is an invalid path: does not refer to a valid field',
      ],
    },
    {
      name: "a warning for a version that is not deprecated",
      spec: { versions: [{ ...v1, deprecationWarning: "go" }] },
      errors: ['spec.versions[0].deprecationWarning: Invalid value: "go": can only be set for deprecated versions'],
    },
    {
      name: "a community group",
      spec: { group: "x.k8s.io" },
      errors: [/^metadata\.annotations\[api-approved\.kubernetes\.io\]: Required value: protected groups must have/],
    },
  ];
  for (const { name, spec, errors } of cases) {
    test(name, () => {
      const found = texts(testCrd(spec, { status: good }));
      assert.equal(found.length, errors.length, found.join("\n"));
      for (const [index, expected] of errors.entries()) {
        if (typeof expected === "string") assert.equal(found[index], expected);
        else assert.match(found[index] ?? "", expected);
      }
    });
  }

  test("another name", () => {
    const crd = testCrd({}, { metadata: { name: "x" }, status: good });
    assert.deepEqual(texts(crd), ['metadata.name: Invalid value: "x": must be spec.names.plural+"."+spec.group']);
  });

  test("a schema that was not structural before is not judged again", () => {
    const versions = [{ ...v1, schema: { openAPIV3Schema: { type: "object", properties: { spec: {} } } as const } }];
    const crd = testCrd({ versions }, { status: good });
    assert.deepEqual(texts(crd, crd), []);
  });

  test("what an established definition cannot change", () => {
    const conditions = [{ type: "Established", status: "True" }];
    const old = testCrd({}, { status: { ...good, conditions } });
    const changed = testCrd({ scope: "Cluster", names: { ...names, kind: "Gizmo" } }, { status: good });
    assert.deepEqual(texts(changed, old), [
      'spec.scope: Invalid value: "Cluster": field is immutable',
      'spec.names.kind: Invalid value: "Gizmo": field is immutable',
    ]);
    assert.deepEqual(texts(changed, testCrd({}, { status: good })), []);
  });
});

test("deprecationWarningOf", () => {
  const version = (name: string, rest: object = {}) => ({ ...testVersion(name), ...rest });
  const crd = testCrd({
    versions: [
      version("v1alpha1", { deprecated: true, deprecationWarning: "own words" }),
      version("v1beta1", { deprecated: true }),
      version("v1"),
      version("v2", { served: false }),
      version("v3", { deprecated: true }),
    ],
  });
  assert.equal(deprecationWarningOf(crd, "v1alpha1"), "own words");
  assert.equal(
    deprecationWarningOf(crd, "v1beta1"),
    "example.com/v1beta1 Widget is deprecated; use example.com/v1 Widget",
  );
  assert.equal(deprecationWarningOf(crd, "v3"), "example.com/v3 Widget is deprecated");
  assert.equal(deprecationWarningOf(crd, "v1"), undefined);
});

test("parseSimplePath", () => {
  for (const { path, names: expected } of [
    { path: ".spec.replicas", names: ["spec", "replicas"] },
    { path: ".metadata.annotations['a.b/c']", names: ["metadata", "annotations", "a.b/c"] },
    { path: '.a["b\\"c"]', names: ["a", 'b"c'] },
    { path: "", names: undefined },
    { path: "spec", names: undefined },
    { path: ".spec[0]", names: undefined },
    { path: ".spec[*].a", names: undefined },
  ]) {
    assert.deepEqual(parseSimplePath(path), expected, path);
  }
});
