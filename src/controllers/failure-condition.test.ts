// The condition that tells what fails, with the words of overrides: comes with the first failure, names what failed, and tells when all is well again.
import assert from "node:assert/strict";
import test from "node:test";
import { type Failure, withFailures } from "./failure-condition.ts";
import { overrideWords } from "./override/failures.ts";
import { conditionWith } from "./testing.ts";

function failure(cluster: string, problem = "path /x does not exist"): Failure {
  return { cluster, message: `OverridePolicy default/p: plaintext[0] at /x for cluster ${cluster}: ${problem}` };
}

test("nothing is told where nothing has ever failed", () => {
  assert.equal(withFailures(undefined, overrideWords, [], 0), undefined);
  const conditions = [conditionWith("Scheduled", "True")];
  assert.equal(withFailures(conditions, overrideWords, [], 0), conditions);
});

test("failures are told by cluster, the same ones once; when they are gone that is told, too", () => {
  const scheduled = conditionWith("Scheduled", "True");
  const failed = withFailures([scheduled], overrideWords, [failure("m2"), failure("m1")], 1000);
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
  assert.equal(withFailures(failed, overrideWords, [failure("m1"), failure("m2")], 5000), failed);
  const mended = withFailures(failed, overrideWords, [], 9000);
  assert.deepEqual(mended?.[1], {
    type: "OverridesApplied",
    status: "True",
    reason: "OverridesAppliedSuccess",
    message: "All override policies have been applied.",
    lastTransitionTime: "1970-01-01T00:00:09Z",
  });
  assert.equal(withFailures(mended, overrideWords, [], 9000), mended);
});

test("of very many failures, and of very long ones, the beginning is told", () => {
  const many = Array.from({ length: 500 }, (_, n) => failure(`m${n}`, "y".repeat(10_000)));
  const message = withFailures(undefined, overrideWords, many, 0)?.[0]?.message ?? "";
  assert.ok(message.length < 12_000, String(message.length));
  assert.match(message, /; and 490 more$/);
});
