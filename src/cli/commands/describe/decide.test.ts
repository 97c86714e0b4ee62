import assert from "node:assert/strict";
import { test } from "node:test";
import { describeObject } from "./decide.ts";

test("a binding says where its resource goes and how it is there", () => {
  const text = describeObject(
    {
      apiVersion: "work.karmada.io/v1alpha2",
      kind: "ResourceBinding",
      metadata: { name: "nginx-deployment", namespace: "default" },
      spec: {
        resource: { apiVersion: "apps/v1", kind: "Deployment", namespace: "default", name: "nginx" },
        clusters: [
          { name: "member1", replicas: 2 },
          { name: "member2", replicas: 1 },
        ],
        replicas: 3,
      },
      status: {
        aggregatedStatus: [
          {
            clusterName: "member1",
            applied: true,
            health: "Healthy",
            status: { readyReplicas: 2, observedGeneration: 1, resourceTemplateGeneration: 7 },
          },
          { clusterName: "gone", applied: false, appliedMessage: "no way" },
        ],
        conditions: [
          {
            type: "Scheduled",
            status: "True",
            reason: "Success",
            message: "done",
            lastTransitionTime: "1970-01-01T00:00:00Z",
          },
        ],
      },
    },
    { now: 60_000, events: [] },
  );
  assert.equal(
    text,
    `Name:           nginx-deployment
Namespace:      default
Labels:         <none>
Annotations:    <none>
API Version:    work.karmada.io/v1alpha2
Kind:           ResourceBinding
Resource:
  API VERSION   KIND         NAMESPACE   NAME
  apps/v1       Deployment   default     nginx
Clusters:
  CLUSTER   REPLICAS   GENERATION   APPLIED   HEALTH    STATUS
  member1   2          7            True      Healthy   readyReplicas=2
  member2   1          -            -         -         
  gone      leaving    -            False     -         no way
Spec:
  replicas: 3
Conditions:
  TYPE        STATUS   SINCE   REASON    MESSAGE
  Scheduled   True     60s     Success   done
Events: <none>
`,
  );
});

test("a binding tells its failovers", () => {
  const text = describeObject(
    {
      apiVersion: "work.karmada.io/v1alpha2",
      kind: "ResourceBinding",
      metadata: { name: "job-flinkdeployment", namespace: "default" },
      spec: { resource: { apiVersion: "flink.apache.org/v1beta1", kind: "FlinkDeployment", name: "job" } },
      status: {
        failoverHistory: [
          {
            fromCluster: "member1",
            toClusters: ["member2"],
            reason: "ApplicationFailure",
            preservedLabelState: { "job-id": "abc" },
            startTime: "2026-01-01T00:00:00Z",
            endTime: "2026-01-01T00:01:00Z",
            outcome: "Replaced",
          },
          {
            fromCluster: "member2",
            reason: "TaintUntolerated",
            startTime: "2026-01-02T00:00:00Z",
            outcome: "InProgress",
          },
        ],
      },
    },
    { now: 0, events: undefined },
  );
  const from = text.indexOf("Failovers:");
  assert.equal(
    text.slice(from),
    `Failovers:
  FROM      TO        WHY                  OUTCOME      BEGAN                  ENDED                  STATE
  member1   member2   ApplicationFailure   Replaced     2026-01-01T00:00:00Z   2026-01-01T00:01:00Z   job-id=abc
  member2   -         TaintUntolerated     InProgress   2026-01-02T00:00:00Z   -                      
`,
  );
});
