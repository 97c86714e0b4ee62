import assert from "node:assert/strict";
import test from "node:test";
import type { PodSpec } from "#api/generated/types.ts";
import { podRequirements } from "./pod-requirements.ts";

const container = (
  requests: Record<string, string>,
  limits: Record<string, string> = {},
): PodSpec["containers"][0] => ({
  name: "c",
  resources: { requests, limits },
});

for (const { name, spec, requests } of [
  { name: "nothing asked for", spec: { containers: [{ name: "c" }] }, requests: undefined },
  {
    name: "containers add up",
    spec: { containers: [container({ cpu: "100m", memory: "64Mi" }), container({ cpu: "1", memory: "1Gi" })] },
    requests: { cpu: "1100m", memory: "1088Mi" },
  },
  {
    name: "limits count where there is no request",
    spec: { containers: [container({ cpu: "100m" }, { cpu: "1", memory: "64Mi" })] },
    requests: { cpu: "100m", memory: "64Mi" },
  },
  {
    name: "the biggest init container, if it is bigger",
    spec: {
      containers: [container({ cpu: "100m", memory: "1Gi" })],
      initContainers: [container({ cpu: "2" }), container({ cpu: "1", memory: "1Mi" })],
    },
    requests: { cpu: "2", memory: "1Gi" },
  },
  {
    name: "overhead comes on top",
    spec: { containers: [container({ cpu: "100m" })], overhead: { cpu: "50m", memory: "10Mi" } },
    requests: { cpu: "150m", memory: "10Mi" },
  },
  {
    name: "extended resources and huge pages count, unknown names and zeros do not",
    spec: { containers: [container({ "nvidia.com/gpu": "1", "hugepages-2Mi": "4Mi", storage: "1Gi", cpu: "0" })] },
    requests: { "nvidia.com/gpu": "1", "hugepages-2Mi": "4Mi" },
  },
  {
    name: "parts of a unit round up",
    spec: { containers: [container({ memory: "1500m" })] },
    requests: { memory: "2" },
  },
] satisfies readonly { name: string; spec: PodSpec; requests: object | undefined }[]) {
  test(`podRequirements: ${name}`, () => {
    assert.deepEqual(podRequirements(spec)?.resourceRequest, requests);
  });
}

test("podRequirements: what is asked of nodes", () => {
  const hardNodeAffinity = { nodeSelectorTerms: [{ matchExpressions: [{ key: "a", operator: "Exists" }] }] };
  const spec: PodSpec = {
    containers: [],
    nodeSelector: { disk: "ssd" },
    tolerations: [{ key: "gpu", operator: "Exists" }],
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: hardNodeAffinity } },
  };
  assert.deepEqual(podRequirements(spec), {
    nodeClaim: { hardNodeAffinity, nodeSelector: spec.nodeSelector, tolerations: spec.tolerations },
  });
  assert.equal(podRequirements({ containers: [], tolerations: [] }), undefined);
  assert.equal(podRequirements(undefined), undefined);
});
