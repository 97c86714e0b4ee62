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
            status: { readyReplicas: 2, observedGeneration: 1 },
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
  CLUSTER   REPLICAS   APPLIED   HEALTH    STATUS
  member1   2          True      Healthy   readyReplicas=2
  member2   1          -         -         
  gone      leaving    False     -         no way
Spec:
  replicas: 3
Conditions:
  TYPE        STATUS   SINCE   REASON    MESSAGE
  Scheduled   True     60s     Success   done
Events: <none>
`,
  );
});
