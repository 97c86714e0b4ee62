// Admission policies as people write them: a sidecar by a configuration, a label by a patch; a rule that can never work.
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

describe("kubectl and admission policies", needsKubectl, () => {
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

  test("a policy tells which of its expressions can never work, a good one keeps others out", async () => {
    const policy = (name: string, expression: string) => ({
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicy",
      metadata: { name },
      spec: {
        matchConstraints: {
          resourceRules: [
            { apiGroups: ["apps"], apiVersions: ["v1"], operations: ["CREATE"], resources: ["deployments"] },
          ],
        },
        validations: [
          { expression, messageExpression: "'%s wants %d'.format([object.metadata.name, dyn(object.spec.replicas)])" },
        ],
      },
    });
    const binding = {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name: "few" },
      spec: { policyName: "few", validationActions: ["Deny"] },
    };
    const items = [policy("wrong", "object.replicas < 5"), policy("few", "object.spec.replicas < 5"), binding];
    await plane.kubectl("apply -f -", { input: JSON.stringify({ apiVersion: "v1", kind: "List", items }) });
    const warnings = (name: string) => `get validatingadmissionpolicy ${name} -o jsonpath={.status}`;
    await eventually("the types to be checked", soonMilliseconds, async () => {
      assert.match(await plane.kubectl(warnings("wrong")), /Kind=Deployment: ERROR: .*undefined field 'replicas'/);
      assert.equal(await plane.kubectl(warnings("few")), '{"observedGeneration":1,"typeChecking":{}}');
      return true;
    });
    await eventually("the policy to hold", soonMilliseconds, async () => {
      const { err } = await plane.tryKubectl("create deployment many --image nginx --replicas 9 --dry-run=server");
      assert.match(err, /ValidatingAdmissionPolicy 'few' with binding 'few' denied request: many wants 9/);
      return true;
    });
  });
});
