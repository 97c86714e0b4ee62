// The wire format: what upstream's estimators of v1.17 (messages) and v1.19 (bytes) read, and both read back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ProtobufWriter } from "#machinery/protobuf-wire.ts";
import {
  decodeNumber,
  encodeNumber,
  getUnschedulableReplicas,
  maxAvailableComponentSets,
  maxAvailableReplicas,
} from "./messages.ts";

const nodeClaim = {
  nodeSelector: { disk: "ssd" },
  hardNodeAffinity: {
    nodeSelectorTerms: [
      {
        matchExpressions: [{ key: "zone", operator: "In", values: ["a", "b"] }],
        matchFields: [{ key: "metadata.name", operator: "NotIn", values: ["n1"] }],
      },
    ],
  },
  tolerations: [{ key: "gpu", operator: "Equal", value: "yes", effect: "NoExecute", tolerationSeconds: 300 }],
};
const resourceRequest = { cpu: "250m", memory: "1Gi" };
const assumedWorkloads = [
  { namespace: "other", components: [{ name: "web", replicas: 3, replicaRequirements: { resourceRequest } }] },
];

test("requests come back as they were", () => {
  const replicas = {
    cluster: "m1",
    replicaRequirements: { namespace: "default", priorityClassName: "high", nodeClaim, resourceRequest },
    assumedWorkloads,
  };
  assert.deepEqual(maxAvailableReplicas.decode(maxAvailableReplicas.encode(replicas)), replicas);
  const sets = {
    cluster: "m1",
    components: [
      { name: "a", replicas: 2, replicaRequirements: { nodeClaim, priorityClassName: "low", resourceRequest } },
    ],
    namespace: "default",
    assumedWorkloads,
  };
  assert.deepEqual(maxAvailableComponentSets.decode(maxAvailableComponentSets.encode(sets)), sets);
  const stuck = {
    cluster: "m1",
    resource: { apiVersion: "apps/v1", kind: "Deployment", namespace: "default", name: "web" },
    thresholdMilliseconds: 300_000,
  };
  assert.deepEqual(getUnschedulableReplicas.decode(getUnschedulableReplicas.encode(stuck)), stuck);
});

test("paths and bytes are upstream's", () => {
  assert.equal(
    maxAvailableReplicas.path,
    "/github.com.karmada_io.karmada.pkg.estimator.service.Estimator/MaxAvailableReplicas",
  );
  const bytes = maxAvailableReplicas.encode({
    cluster: "m1",
    replicaRequirements: { namespace: "ns", resourceRequest: { cpu: "1" } },
    assumedWorkloads: [],
  });
  // cluster; requirements{ request typed (2), request as bytes (5), namespace (3) }
  const entry = "0a0363707512030a0131";
  assert.equal(bytes.toString("hex"), `0a026d31121c120a${entry}2a0a${entry}1a026e73`);
  assert.equal(encodeNumber(300).toString("hex"), "08ac02");
});

test("the typed fields of v1.17 are read where the bytes are missing", () => {
  const amount = new ProtobufWriter()
    .string(1, "cpu")
    .message(2, (quantity) => quantity.string(1, "2"))
    .finish();
  const toleration = new ProtobufWriter().string(1, "gpu").string(2, "Exists").finish();
  const bytes = new ProtobufWriter()
    .string(1, "m1")
    .message(2, (requirements) =>
      requirements
        .message(1, (claim) => {
          claim.bytes(3, toleration);
        })
        .bytes(2, amount),
    )
    .finish();
  assert.deepEqual(maxAvailableReplicas.decode(bytes).replicaRequirements, {
    nodeClaim: { tolerations: [{ key: "gpu", operator: "Exists" }] },
    resourceRequest: { cpu: "2" },
  });
});

test("numbers: negative ones and none", () => {
  for (const value of [0, 1, 2_147_483_647, -1]) assert.equal(decodeNumber(encodeNumber(value)), value);
  assert.equal(decodeNumber(new Uint8Array(0)), 0);
});
