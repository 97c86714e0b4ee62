// Verdicts on templates.
import assert from "node:assert/strict";
import { test } from "node:test";
import { clusterPolicyWith, bindingWith, deploymentWith, policyWith } from "../testing.ts";
import { withClaim } from "./claim.ts";
import { judgeTemplate, type TemplateFacts, type Verdict } from "./decide.ts";

const template = deploymentWith();
const policy = policyWith();
const clusterPolicy = clusterPolicyWith();
const claimed = withClaim(template, policy);
const deletionTimestamp = "2024-01-01T00:00:00Z";
const nothingOfIt = [{ apiVersion: "batch/v1", kind: "Job" }];

function facts(
  given: Partial<TemplateFacts> & { namespaced?: TemplateFacts["policies"]["namespaced"] },
): TemplateFacts {
  const { namespaced = [], ...rest } = given;
  return {
    template,
    policies: { namespaced, cluster: [] },
    binding: undefined,
    overridesPresent: () => true,
    preemption: false,
    ...rest,
  };
}

function summary(verdict: Verdict): string {
  switch (verdict.kind) {
    case "apply":
      return `apply ${verdict.policy.metadata.name}`;
    case "release":
      return `release: ${verdict.because}`;
    case "leave":
    case "retry":
      return `${verdict.kind}: ${verdict.reason}`;
  }
}

const boundBy = (kind: string) =>
  withClaim(bindingWith({ resource: { apiVersion: "apps/v1", kind, namespace: "default", name: "nginx" } }), policy);

for (const { name, given, expected } of [
  { name: "no policy", given: {}, expected: "leave: no matched propagation policy" },
  { name: "a policy", given: { namespaced: [policy] }, expected: "apply nginx-pp" },
  {
    name: "a cluster-wide policy",
    given: { policies: { namespaced: [], cluster: [clusterPolicy] } },
    expected: "apply nginx-cpp",
  },
  {
    name: "a namespaced policy goes before any cluster-wide one",
    given: { policies: { namespaced: [policyWith({ priority: -9 })], cluster: [clusterPolicy] } },
    expected: "apply nginx-pp",
  },
  {
    name: "someone else manages it",
    given: {
      template: deploymentWith({ labels: { "resourcetemplate.karmada.io/claimed-by": "MultiClusterService" } }),
      namespaced: [policy],
    },
    expected: "leave: claimed by MultiClusterService",
  },
  { name: "its policy", given: { template: claimed, namespaced: [policy] }, expected: "apply nginx-pp" },
  {
    name: "a better policy changes nothing",
    given: { template: claimed, namespaced: [policy, policyWith({ priority: 9 }, { name: "better" })] },
    expected: "apply nginx-pp",
  },
  {
    name: "its policy made anew",
    given: {
      template: claimed,
      namespaced: [policyWith({}, { labels: { "propagationpolicy.karmada.io/permanent-id": "another" } })],
    },
    expected: "apply nginx-pp",
  },
  { name: "its policy gone", given: { template: claimed }, expected: "release: policyGone" },
  {
    name: "its policy going",
    given: { template: claimed, namespaced: [policyWith({}, { deletionTimestamp })] },
    expected: "retry: policy(default/nginx-pp) is being deleted",
  },
  {
    name: "its cluster-wide policy going",
    given: {
      template: withClaim(template, clusterPolicy),
      policies: { namespaced: [], cluster: [clusterPolicyWith({}, { deletionTimestamp })] },
    },
    expected: "retry: cluster policy(nginx-cpp) is being deleted",
  },
  {
    name: "its policy matches no more",
    given: {
      template: claimed,
      namespaced: [policyWith({ resourceSelectors: nothingOfIt })],
      binding: boundBy("Deployment"),
    },
    expected: "release: matchesNoMore",
  },
  {
    name: "its policy selects it as another kind",
    given: {
      template: claimed,
      namespaced: [policyWith({ resourceSelectors: nothingOfIt })],
      binding: boundBy("Twin"),
    },
    expected: "leave: selected as another kind",
  },
  {
    name: "overrides missing",
    given: { namespaced: [policy], overridesPresent: () => false },
    expected: "retry: waiting for dependent overrides",
  },
  {
    name: "preemption without its gate",
    given: {
      template: claimed,
      namespaced: [
        policy,
        policyWith(
          {
            preemption: "Always" as const,
            priority: 1,
            resourceSelectors: [{ apiVersion: "apps/v1", kind: "Deployment", name: "nginx" }],
          },
          { name: "taker" },
        ),
      ],
    },
    expected: "apply nginx-pp",
  },
]) {
  test(name, () => {
    assert.equal(summary(judgeTemplate(facts(given))), expected);
  });
}

test("with its gate, preemption tells whom the template was taken from", () => {
  const byName = [{ apiVersion: "apps/v1", kind: "Deployment", name: "nginx" }];
  const taker = policyWith({ preemption: "Always", priority: 1, resourceSelectors: byName }, { name: "taker" });
  const verdict = judgeTemplate(facts({ template: claimed, namespaced: [policy, taker], preemption: true }));
  assert.deepEqual(verdict, { kind: "apply", policy: taker, preempted: policy });
});
