import assert from "node:assert/strict";
import { test } from "node:test";
import { readReview } from "./review.ts";

const v1 = { name: "w.x.y", reviewVersion: "v1" } as const;

function answer(response: unknown, head: object = {}): Buffer {
  return Buffer.from(JSON.stringify({ kind: "AdmissionReview", apiVersion: "admission.k8s.io/v1", ...head, response }));
}

const patchText = (patch: unknown) => Buffer.from(JSON.stringify(patch)).toString("base64");

test("an answer is read with its patch and warnings", () => {
  const patch = [{ op: "add", path: "/metadata/labels", value: { team: "a" } }];
  const response = { uid: "1", allowed: true, patchType: "JSONPatch", patch: patchText(patch), warnings: ["w"] };
  assert.deepEqual(readReview(v1, "1", answer(response), true), {
    allowed: true,
    denial: undefined,
    patch,
    warnings: ["w"],
  });
});

const wrong: Readonly<Record<string, readonly [body: Buffer, mutating: boolean, message: string | RegExp]>> = {
  "no response": [answer(undefined), true, "webhook response was absent"],
  "another uid": [answer({ uid: "2", allowed: true }), true, 'expected response.uid="1", got "2"'],
  "another kind": [
    answer({ uid: "1", allowed: true }, { kind: "Review" }),
    true,
    "expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got admission.k8s.io/v1, Kind=Review",
  ],
  "a patch without type": [
    answer({ uid: "1", allowed: true, patch: patchText([]) }),
    true,
    "webhook returned response.patch but not response.patchType",
  ],
  "a patch that is none": [
    answer({ uid: "1", allowed: true, patchType: "JSONPatch", patch: patchText({}) }),
    true,
    /^received undecodable patch in webhook response: /,
  ],
  "a patch of a validating webhook": [
    answer({ uid: "1", allowed: true, patchType: "JSONPatch", patch: patchText([]) }),
    false,
    "validating webhook may not return response.patch",
  ],
  "no JSON": [Buffer.from("<html>"), true, /^couldn't get version\/kind; json parse error: /],
};

for (const [name, [body, mutating, message]] of Object.entries(wrong)) {
  test(`no review: ${name}`, () => {
    assert.throws(() => readReview(v1, "1", body, mutating), { name: "BadReviewError", message });
  });
}

test("a denial is the webhook's own status, a failure whatever it says", () => {
  const denialOf = (status: unknown) =>
    readReview(v1, "1", answer({ uid: "1", allowed: false, status }), false).denial?.toStatus();
  const denied = 'admission webhook "w.x.y" denied the request';
  const said = denialOf({ message: "no", reason: "Forbidden", code: 403, details: { causes: [{ field: "spec" }] } });
  assert.equal(said?.message, `${denied}: no`);
  assert.equal(said.code, 403);
  assert.deepEqual(said.details?.causes, [{ field: "spec" }]);
  assert.equal(denialOf({ reason: "Policy", code: 200 })?.message, `${denied}: Policy`);
  assert.equal(denialOf({ reason: "Policy", code: 200 })?.code, 400);
  assert.equal(denialOf(undefined)?.message, `${denied} without explanation`);
});
