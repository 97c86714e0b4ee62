import assert from "node:assert/strict";
import { test } from "node:test";
import type { PersistentVolume, PersistentVolumeClaim } from "#api/kinds.ts";
import { claimStep, orphanStep } from "./decide.ts";

function claimWith(spec: Partial<PersistentVolumeClaim["spec"]> = {}): PersistentVolumeClaim {
  const resources = { requests: { storage: "5Gi" } };
  const metadata = { name: "data", namespace: "ns", uid: "claim" };
  const full = { accessModes: ["ReadWriteOnce"], resources, ...spec };
  return { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata, spec: full };
}

function volumeWith(name: string, storage: string, spec: Partial<PersistentVolume["spec"]> = {}): PersistentVolume {
  const full = { capacity: { storage }, accessModes: ["ReadWriteOnce"], ...spec };
  return { apiVersion: "v1", kind: "PersistentVolume", metadata: { name }, spec: full };
}

const taken = { claimRef: { namespace: "ns", name: "other", uid: "u" } };
const kept = { claimRef: { namespace: "ns", name: "data" } };

for (const { name, claim = claimWith(), volumes = [], want } of [
  { name: "a volume is made", want: "provision pvc-claim" },
  {
    name: "the smallest that fits",
    volumes: [volumeWith("big", "50Gi"), volumeWith("fit", "5Gi"), volumeWith("small", "1Gi")],
    want: "bind fit",
  },
  { name: "not one of somebody else", volumes: [volumeWith("a", "5Gi", taken)], want: "provision pvc-claim" },
  { name: "the one that is kept for it", volumes: [volumeWith("a", "5Gi", kept)], want: "bind a" },
  {
    name: "not one of another class",
    volumes: [volumeWith("a", "5Gi", { storageClassName: "slow" })],
    want: "provision pvc-claim",
  },
  {
    name: "not one without the access mode",
    claim: claimWith({ accessModes: ["ReadWriteMany"] }),
    volumes: [volumeWith("a", "5Gi")],
    want: "provision pvc-claim",
  },
  {
    name: "the one it names",
    claim: claimWith({ volumeName: "b" }),
    volumes: [volumeWith("a", "5Gi"), volumeWith("b", "9Gi")],
    want: "bind b",
  },
  { name: "it waits for the one it names", claim: claimWith({ volumeName: "b" }), want: "wait" },
  { name: "the empty class waits for a volume by hand", claim: claimWith({ storageClassName: "" }), want: "wait" },
]) {
  test(`claim: ${name}`, () => {
    const step = claimStep(claim, volumes);
    assert.equal(step.kind === "wait" ? step.kind : `${step.kind} ${step.volume.metadata.name}`, want);
  });
}

test("a volume goes or is released with its claim", () => {
  const claim = claimWith();
  const bound = { claimRef: { namespace: "ns", name: "data", uid: "claim" } };
  assert.equal(orphanStep(volumeWith("a", "1Gi", bound), claim), "keep");
  assert.equal(orphanStep(volumeWith("a", "1Gi", bound), undefined), "release");
  assert.equal(
    orphanStep(volumeWith("a", "1Gi", { ...bound, persistentVolumeReclaimPolicy: "Delete" }), undefined),
    "delete",
  );
  assert.equal(orphanStep(volumeWith("a", "1Gi", kept), undefined), "keep");
});
