// Binds claims to volumes, and makes volumes for those that ask for one. Nothing is stored anywhere.
// Reads: persistentvolumeclaims, persistentvolumes.  Writes: both.  Decides in ./decide.ts.
import { PersistentVolume, PersistentVolumeClaim } from "#api/kinds.ts";
import { isApiError } from "#machinery/api-error.ts";
import {
  type Controller,
  type ControllerContext,
  defineController,
  done,
  type Result,
  watches,
} from "#runtime/index.ts";
import { writeStatus } from "../write-status.ts";
import { claimStep, orphanStep } from "./decide.ts";

export const persistentVolumes: Controller = defineController({
  name: "persistentvolume-binder-controller",
  standing: "follows",
  for: [PersistentVolumeClaim, PersistentVolume],
  watches: [
    // A volume without a claim may be what a claim waits for: they are few.
    watches(PersistentVolume, (volume, _old, { informers }) =>
      volume.spec.claimRef?.uid !== undefined && volume.status?.phase === "Bound"
        ? []
        : informers
            .for(PersistentVolumeClaim)
            .list()
            .filter(({ status }) => status?.phase !== "Bound")
            .map(({ metadata: { namespace, name } }) => ({ kind: PersistentVolumeClaim, namespace, name })),
    ),
    watches(PersistentVolumeClaim, ({ spec }) => {
      const { volumeName = "" } = spec;
      return volumeName === "" ? [] : [{ kind: PersistentVolume, name: volumeName }];
    }),
  ],
  options: {},
  // One at a time: two claims must not get the same volume.
  workers: 1,
  async reconcile(key, context) {
    const { informers } = context;
    if (key.kind.kind === PersistentVolume.kind) {
      const volume = informers.for(PersistentVolume).get(key);
      return volume === undefined ? done : reconcileVolume(volume, context);
    }
    const claim = informers.for(PersistentVolumeClaim).get(key);
    return claim === undefined || claim.metadata.deletionTimestamp !== undefined
      ? done
      : reconcileClaim(claim, context);
  },
});

async function reconcileVolume(volume: PersistentVolume, context: ControllerContext): Promise<Result> {
  const { client, informers, signal } = context;
  const { name = "", namespace } = volume.spec.claimRef ?? {};
  const claim = name === "" ? undefined : informers.for(PersistentVolumeClaim).get({ namespace, name });
  const step = orphanStep(volume, claim);
  if (step === "delete") {
    try {
      await client.delete(PersistentVolume, { name: volume.metadata.name }, { signal });
    } catch (error) {
      if (!isApiError(error, "NotFound")) throw error;
    }
  }
  const phase = step === "release" ? "Released" : name === "" ? "Available" : volume.status?.phase;
  if (step !== "delete" && phase !== volume.status?.phase) {
    await writeStatus(PersistentVolume, volume, { ...volume.status, phase }, context);
  }
  return done;
}

async function reconcileClaim(claim: PersistentVolumeClaim, context: ControllerContext): Promise<Result> {
  const { client, events, informers, signal } = context;
  if (claim.status?.phase === "Bound") return done;
  const step = claimStep(claim, informers.for(PersistentVolume).list());
  if (step.kind === "wait") return done;
  if (step.kind === "bind") {
    await bind(claim, step.volume, context);
    return done;
  }
  try {
    const made = await client.create(PersistentVolume, step.volume, { signal });
    events.event(claim, "Normal", "ProvisioningSucceeded", `Successfully provisioned volume ${made.metadata.name}`);
    await bind(claim, made, context);
  } catch (error) {
    // It was made a moment ago: its event brings us back.
    if (!isApiError(error, "AlreadyExists")) throw error;
  }
  return done;
}

async function bind(claim: PersistentVolumeClaim, volume: PersistentVolume, context: ControllerContext): Promise<void> {
  const { client, signal } = context;
  const { name, namespace, uid } = claim.metadata;
  const volumeName = volume.metadata.name;
  if (volume.spec.claimRef?.uid !== uid) {
    const claimRef = { apiVersion: "v1", kind: "PersistentVolumeClaim", name, namespace, uid };
    const patch = { metadata: { resourceVersion: volume.metadata.resourceVersion }, spec: { claimRef } };
    await client.patch(PersistentVolume, { name: volumeName }, { type: "merge", patch }, { signal });
  }
  if (claim.spec.volumeName !== volumeName) {
    const annotations = { "pv.kubernetes.io/bind-completed": "yes", "pv.kubernetes.io/bound-by-controller": "yes" };
    const patch = { metadata: { annotations }, spec: { volumeName } };
    await client.patch(PersistentVolumeClaim, { name, namespace }, { type: "merge", patch }, { signal });
  }
  await writeStatus(PersistentVolume, volume, { ...volume.status, phase: "Bound" }, context);
  const { accessModes = [], capacity = {} } = volume.spec;
  await writeStatus(PersistentVolumeClaim, claim, { ...claim.status, phase: "Bound", accessModes, capacity }, context);
}
