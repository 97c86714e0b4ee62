// Deployments: keeps their ReplicaSets as their template, strategy and size ask.
// Reads: deployments, replicasets, pods.  Writes: replicasets, deployment status and revision.  Decides in ./decide.ts.
import { Deployment, Pod, ReplicaSet } from "#api/kinds.ts";
import { isApiError } from "#machinery/api-error.ts";
import { type ControllerContext, defineController, done, requeueAfter, watches } from "#runtime/index.ts";
import { controllerKey, controllerUid, indexByController, ownedBy } from "../ownership.ts";
import { writeStatus } from "../write-status.ts";
import { type DeploymentPlan, planDeployment } from "./decide.ts";
import { findNewReplicaSet, revisionAnnotation, scaleAnnotations } from "./replica-sets.ts";
import type { Scaling } from "./rollout.ts";

export const deployments = defineController({
  name: "deployment-controller",
  standing: "follows",
  for: [Deployment],
  watches: [
    watches(ReplicaSet, (set) => controllerKey(Deployment, set)),
    watches(Pod, (pod, old, { informers }) => {
      // Only Recreate waits for pods; the rest is in the ReplicaSets' status.
      if (old !== undefined && old.status?.phase === pod.status?.phase) return [];
      const owner = pod.metadata.ownerReferences?.find(
        ({ controller, kind }) => controller === true && kind === "ReplicaSet",
      );
      const set =
        owner === undefined
          ? undefined
          : informers.for(ReplicaSet).get({ namespace: pod.metadata.namespace, name: owner.name });
      const [key] = set === undefined ? [] : controllerKey(Deployment, set);
      const deployment = key === undefined ? undefined : informers.for(Deployment).get(key);
      return key !== undefined && deployment?.spec.strategy?.type === "Recreate" ? [key] : [];
    }),
  ],
  options: {},
  async reconcile(key, context) {
    const { informers, clock } = context;
    const deployment = informers.for(Deployment).get(key);
    if (deployment === undefined) return done;
    const replicaSets = ownedBy(informers.for(ReplicaSet), deployment);
    const recreate = deployment.spec.strategy?.type === "Recreate";
    const oldPodsLeft = recreate && hasOldPods(deployment, replicaSets, context);
    const plan = planDeployment({ deployment, replicaSets, oldPodsLeft, now: clock.now() });
    await carryOut(deployment, plan, context);
    return plan.wakeAt === undefined ? done : requeueAfter(Math.max(0, plan.wakeAt - clock.now()));
  },
});

function hasOldPods(deployment: Deployment, sets: readonly ReplicaSet[], { informers }: ControllerContext): boolean {
  const pods = informers.for(Pod);
  indexByController(pods);
  const current = findNewReplicaSet(deployment, sets);
  return sets.some(
    (set) =>
      set !== current &&
      pods
        .byIndex(controllerUid, set.metadata.uid ?? "")
        .some(({ status }) => status?.phase !== "Succeeded" && status?.phase !== "Failed"),
  );
}

async function carryOut(deployment: Deployment, plan: DeploymentPlan, context: ControllerContext): Promise<void> {
  const { client, signal } = context;
  if (plan.create !== undefined) await create(deployment, plan.create, context);
  for (const scaling of plan.scale) await scale(deployment, scaling, context);
  if (plan.annotate !== undefined) {
    const { set, annotations } = plan.annotate;
    await client.patch(ReplicaSet, refOf(set), { type: "merge", patch: { metadata: { annotations } } }, { signal });
  }
  for (const set of plan.remove)
    await client.delete(ReplicaSet, refOf(set), { signal, propagationPolicy: "Background" });
  if (plan.revision !== undefined) {
    const patch = { metadata: { annotations: { [revisionAnnotation]: plan.revision } } };
    await client.patch(Deployment, refOf(deployment), { type: "merge", patch }, { signal });
  }
  await writeStatus(Deployment, deployment, plan.status, context);
}

async function create(
  deployment: Deployment,
  set: ReplicaSet,
  { client, events, signal }: ControllerContext,
): Promise<void> {
  try {
    await client.create(ReplicaSet, set, { signal });
  } catch (error) {
    if (!isApiError(error, "AlreadyExists")) throw error;
    const existing = await client.get(ReplicaSet, refOf(set), { signal });
    if (existing.metadata.ownerReferences?.some(({ uid }) => uid === deployment.metadata.uid) === true) return;
    // Somebody else's ReplicaSet has the name: count up, so that the next hash is another one.
    const collisionCount = (deployment.status?.collisionCount ?? 0) + 1;
    const patch = { status: { collisionCount } };
    await client.patch(Deployment, refOf(deployment), { type: "merge", patch }, { signal, subresource: "status" });
    throw error;
  }
  const message = `Scaled up replica set ${set.metadata.name} from 0 to ${set.spec.replicas ?? 0}`;
  events.event(deployment, "Normal", "ScalingReplicaSet", message);
}

async function scale(
  deployment: Deployment,
  { set, replicas }: Scaling,
  { client, events, signal }: ControllerContext,
): Promise<void> {
  const before = set.spec.replicas ?? 1;
  // The lock keeps a stale plan from undoing a newer one.
  const metadata = { resourceVersion: set.metadata.resourceVersion, annotations: scaleAnnotations(deployment) };
  await client.patch(ReplicaSet, refOf(set), { type: "merge", patch: { metadata, spec: { replicas } } }, { signal });
  if (replicas === before) return;
  const direction = replicas > before ? "up" : "down";
  const message = `Scaled ${direction} replica set ${set.metadata.name} from ${before} to ${replicas}`;
  events.event(deployment, "Normal", "ScalingReplicaSet", message);
}

function refOf({ metadata: { name, namespace } }: Deployment | ReplicaSet): {
  name: string;
  namespace: string | undefined;
} {
  return { name, namespace };
}
