// What is not known is not good news: without a status nothing counts as healthy, and a template says so much only as its
// members have said. (karmada #4592, #6858)
import assert from "node:assert/strict";
import test from "node:test";
import type { AggregatedStatusItem } from "#api/work/binding.ts";
import { fieldOf } from "#machinery/guards.ts";
import { apiVersionOf, type KubeObject } from "#machinery/object.ts";
import type { Interpretation } from "./interpretation.ts";
import { nativeInterpretations } from "./native/all.ts";
import { thirdPartyInterpretations } from "./third-party/all.ts";

const all = [...nativeInterpretations, ...thirdPartyInterpretations];

function nameOf({ kind }: Interpretation): string {
  return `${apiVersionOf(kind)} ${kind.kind}`;
}

function objectOf({ kind }: Interpretation, generation: number | undefined, status?: object): KubeObject {
  const metadata = { name: "x", namespace: "default", ...(generation === undefined ? {} : { generation }) };
  const spec = { type: "LoadBalancer", template: { spec: { containers: [] } } };
  return {
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    metadata,
    spec,
    ...(status === undefined ? {} : { status }),
  };
}

/** A health that cannot be told is Unknown. */
function health(interpretation: Interpretation, object: KubeObject): boolean | "unknown" {
  try {
    return interpretation.interpretHealth?.(object) ?? true;
  } catch {
    return "unknown";
  }
}

for (const interpretation of all.filter((each) => each.interpretHealth !== undefined)) {
  test(`${nameOf(interpretation)} without a status is not healthy`, () => {
    for (const generation of [undefined, 1]) {
      assert.notEqual(health(interpretation, objectOf(interpretation, generation)), true);
    }
    assert.notEqual(health(interpretation, objectOf(interpretation, 1, {})), true, "an empty status says as little");
  });
}

/** Words in which statuses say that all is well. */
const good = /:"(Bound|Running|Succeeded|Complete|Completed|Ready|Healthy|STABLE|RUNNING|SUCCEEDED|COMPLETED)"|:true/i;

for (const interpretation of all.filter((each) => each.aggregateStatus !== undefined)) {
  test(`${nameOf(interpretation)}: members without a status add up to nothing good`, () => {
    const waiting: AggregatedStatusItem[] = ["m1", "m2"].map((clusterName) => ({ clusterName, applied: true }));
    for (const items of [waiting, waiting.slice(1), undefined]) {
      const object = objectOf(interpretation, 3);
      const status = fieldOf(interpretation.aggregateStatus?.(object, items, 0), "status") ?? {};
      assert.doesNotMatch(JSON.stringify(status), good);
      if (items !== undefined) assert.notEqual(fieldOf(status, "observedGeneration"), 3);
    }
  });
}
