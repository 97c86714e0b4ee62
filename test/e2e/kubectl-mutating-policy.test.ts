// Mutating admission policies as people write them: a sidecar by a configuration, a label by a patch.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { eventually, needsKubectl, type Plane, startPlane } from "./plane.ts";

const soonMilliseconds = 30_000;

const policies = `
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata:
  name: sidecar-policy.example.com
spec:
  paramKind: { kind: ConfigMap, apiVersion: v1 }
  matchConstraints:
    resourceRules:
      - apiGroups: [""]
        apiVersions: ["v1"]
        operations: ["CREATE"]
        resources: ["pods"]
  matchConditions:
    - name: does-not-already-have-sidecar
      expression: "!object.spec.initContainers.exists(ic, ic.name == 'mesh-proxy') || !has(object.spec.initContainers)"
  failurePolicy: Fail
  reinvocationPolicy: IfNeeded
  mutations:
    - patchType: ApplyConfiguration
      applyConfiguration:
        expression: >
          Object{
            spec: Object.spec{
              initContainers: [
                Object.spec.initContainers{
                  name: "mesh-proxy",
                  image: params.data.image,
                  restartPolicy: "Always"
                }
              ]
            }
          }
    - patchType: JSONPatch
      jsonPatch:
        expression: >
          [
            JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("example.com/mesh"), value: "yes"}
          ]
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata:
  name: sidecar-binding.example.com
spec:
  policyName: sidecar-policy.example.com
  paramRef: { name: mesh, parameterNotFoundAction: Allow }
  matchResources:
    objectSelector: { matchLabels: { mesh: "true" } }
`;

describe("kubectl and mutating policies", needsKubectl, () => {
  let plane: Plane;
  before(async () => {
    plane = await startPlane(["--members", "1"]);
  });
  after(() => plane.dispose());

  test("a pod gets its sidecar and its label, in a member", async () => {
    const member = { context: "member1" };
    await plane.kubectl("apply -f -", { ...member, input: policies });
    await plane.kubectl("create configmap mesh --from-literal image=mesh/proxy:v1", member);
    await eventually("the policy to be known", soonMilliseconds, async () => {
      const run =
        "run web --image nginx --labels mesh=true --dry-run=server -o jsonpath={.spec.initContainers[*].image}";
      assert.equal(await plane.kubectl(run, member), "mesh/proxy:v1");
      return true;
    });
    await plane.kubectl("run web --image nginx --labels mesh=true", member);
    await plane.kubectl("run plain --image nginx", member);
    await plane.kubectl("wait pod/web --for=condition=Ready --timeout=30s", member);
    const shown = "-o jsonpath={.metadata.labels.example\\.com/mesh}:{.spec.initContainers[*].name}".split(" ");
    assert.equal(await plane.kubectl(["get", "pod", "web", ...shown], member), "yes:mesh-proxy");
    assert.equal(await plane.kubectl(["get", "pod", "plain", ...shown], member), ":");
    assert.match(await plane.kubectl("get mutatingadmissionpolicies", member), /sidecar-policy.example.com +2 /);
  });
});
