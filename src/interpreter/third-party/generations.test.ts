// Every third-party kind whose template follows its members' generations.
import assert from "node:assert/strict";
import test from "node:test";
import { fieldOf } from "#machinery/guards.ts";
import type { Interpretation } from "../interpretation.ts";
import { nativeInterpretations } from "../native/all.ts";
import { thirdPartyInterpretations } from "./all.ts";
import { itemsOf, objectOf } from "./testing.ts";

const tracking = [
  "apps.kruise.io/v1alpha1 CloneSet",
  "apps.kruise.io/v1alpha1 DaemonSet",
  "apps.kruise.io/v1alpha1 UnitedDeployment",
  "apps.kruise.io/v1beta1 StatefulSet",
  "helm.toolkit.fluxcd.io/v2beta1 HelmRelease",
  "kustomize.toolkit.fluxcd.io/v1 Kustomization",
  "source.toolkit.fluxcd.io/v1 GitRepository",
  "source.toolkit.fluxcd.io/v1beta2 Bucket",
  "source.toolkit.fluxcd.io/v1beta2 HelmChart",
  "source.toolkit.fluxcd.io/v1beta2 HelmRepository",
  "source.toolkit.fluxcd.io/v1beta2 OCIRepository",
];

function nameOf({ kind }: Interpretation): string {
  return `${kind.group}/${kind.version} ${kind.kind}`;
}

for (const name of tracking) {
  const kind = thirdPartyInterpretations.find((each) => nameOf(each) === name) as Required<Interpretation>;
  const observed = (template: object, ...statuses: (object | undefined)[]): unknown =>
    fieldOf(
      kind.aggregateStatus(objectOf(kind, { generation: 2, status: template }), itemsOf(...statuses), 0),
      "status",
      "observedGeneration",
    );
  const current = { generation: 5, observedGeneration: 5, resourceTemplateGeneration: 2 };

  test(`${name}: a status travels with the generations of the member and of the template`, () => {
    const reflected = kind.reflectStatus(objectOf(kind, { generation: 5, status: { observedGeneration: 5, x: 1 } }));
    assert.deepEqual(reflected, current);
    assert.equal(kind.reflectStatus(objectOf(kind)), undefined);
  });

  test(`${name}: the template's generation is observed when all members have observed it`, () => {
    assert.equal(observed({ observedGeneration: 1 }, current, current), 2);
    assert.equal(observed({ observedGeneration: 1 }, current, undefined), 1, "a member has no status yet");
    assert.equal(observed({ observedGeneration: 1 }, current, { ...current, observedGeneration: 4 }), 1);
    assert.equal(observed({ observedGeneration: 1 }, { ...current, resourceTemplateGeneration: 1 }), 1);
    assert.equal(observed({}, {}), undefined);
    assert.equal(observed({ observedGeneration: 1 }), 2, "no member has any part in it");
  });

  test(`${name}: without a status nothing is healthy`, () => {
    assert.equal(kind.interpretHealth(objectOf(kind)), false);
    assert.equal(kind.interpretHealth(objectOf(kind, { status: {} })), false);
  });

  test(`${name}: aggregating twice changes nothing the second time`, () => {
    const once = kind.aggregateStatus(objectOf(kind, { generation: 2 }), itemsOf(current, current), 0);
    assert.equal(kind.aggregateStatus(once, itemsOf(current, current), 0), once);
  });
}

test("no kind has two interpretations", () => {
  const names = [...nativeInterpretations, ...thirdPartyInterpretations].map(nameOf);
  assert.equal(new Set(names).size, names.length);
});
