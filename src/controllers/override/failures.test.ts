// The condition OverridesApplied: comes with the first failure, names what failed, and tells when all is well again.
import assert from "node:assert/strict";
import test from "node:test";
import { conditionWith } from "../testing.ts";
import type { OverrideFailed } from "./explain-overrides.ts";
import { withOverrideFailures } from "./failures.ts";

function failure(cluster: string, problem = "path /x does not exist"): OverrideFailed {
  const rule = "spec.overrideRules[0].overriders.plaintext[0]";
  return {
    policy: "OverridePolicy default/p",
    policyObject: {
      apiVersion: "policy.karmada.io/v1alpha1",
      kind: "OverridePolicy",
      metadata: { name: "p", namespace: "default" },
      spec: {},
    },
    ...{ rule, path: "/x", cluster },
    message: `OverridePolicy default/p: ${rule} at /x for cluster ${cluster}: ${problem}`,
  };
}

test("nothing is told where nothing has ever failed", () => {
  assert.equal(withOverrideFailures(undefined, [], 0), undefined);
  const conditions = [conditionWith("Scheduled", "True")];
  assert.equal(withOverrideFailures(conditions, [], 0), conditions);
});

test("failures are told by cluster, the same ones once; when they are gone that is told, too", () => {
  const scheduled = conditionWith("Scheduled", "True");
  const failed = withOverrideFailures([scheduled], [failure("m2"), failure("m1")], 1000);
  assert.deepEqual(failed, [
    scheduled,
    {
      type: "OverridesApplied",
      status: "False",
      reason: "OverrideFailed",
      message: `${failure("m1").message}; ${failure("m2").message}`,
      lastTransitionTime: "1970-01-01T00:00:01Z",
    },
  ]);
  assert.equal(withOverrideFailures(failed, [failure("m1"), failure("m2")], 5000), failed);
  const mended = withOverrideFailures(failed, [], 9000);
  assert.deepEqual(mended?.[1], {
    type: "OverridesApplied",
    status: "True",
    reason: "OverridesAppliedSuccess",
    message: "All override policies have been applied.",
    lastTransitionTime: "1970-01-01T00:00:09Z",
  });
  assert.equal(withOverrideFailures(mended, [], 9000), mended);
});

test("of very many failures, and of very long ones, the beginning is told", () => {
  const many = Array.from({ length: 500 }, (_, n) => failure(`m${n}`, "y".repeat(10_000)));
  const message = withOverrideFailures(undefined, many, 0)?.[0]?.message ?? "";
  assert.ok(message.length < 12_000, String(message.length));
  assert.match(message, /; and 490 more$/);
});
