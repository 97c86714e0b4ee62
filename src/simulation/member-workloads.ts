// Deployments in the members of a simulated world get ready, without pods: a ReplicaSet that is only thought of follows the
// Deployment after a while, and the status is what the real controller of Deployments makes of it.
import { Deployment, type ReplicaSet } from "#api/kinds.ts";
import { deploymentStatus } from "#localcluster/deployment/status.ts";
import { templateHash } from "#localcluster/deployment/replica-sets.ts";
import { writeStatus } from "#localcluster/write-status.ts";
import { type Controller, defineController, done, requeueAfter } from "#runtime/controller.ts";
import { randomFraction } from "#std/random.ts";
import { brokenAnnotation } from "./workload/objects.ts";

/** The longest that pods take to get ready. */
const startMillisecondsMax = 3_000;

/** What the pods of a Deployment are like: since when it is to be as it is now, and how many were ready before. */
interface Pods {
  readonly generation: number;
  readonly uid: string;
  readonly readyAt: number;
  readonly readyBefore: number;
}

/** The controller of one member. It knows nothing after a restart: pods start anew. */
export function simulatedWorkloads(): Controller {
  const pods = new Map<string, Pods>();
  return defineController({
    name: "simulated-workloads",
    for: [Deployment],
    changed: ({ metadata }, old) =>
      metadata.generation !== old.metadata.generation || metadata.uid !== old.metadata.uid,
    options: {},
    async reconcile(key, context) {
      const { informers, clock, random } = context;
      const deployment = informers.for(Deployment).get(key);
      if (deployment === undefined) {
        pods.delete(key.name);
        return done;
      }
      const { generation = 0, uid = "" } = deployment.metadata;
      const known = pods.get(key.name);
      const isCurrent = known?.generation === generation && known.uid === uid;
      const broken = Number(deployment.metadata.annotations?.[brokenAnnotation] ?? 0);
      const readyAt = clock.monotonic() + broken + randomFraction(random) * startMillisecondsMax;
      const readyBefore = known?.uid === uid && broken === 0 ? (deployment.status?.readyReplicas ?? 0) : 0;
      const now: Pods = isCurrent ? known : { generation, uid, readyAt, readyBefore };
      pods.set(key.name, now);
      const wanted = deployment.spec.replicas ?? 1;
      const left = now.readyAt - clock.monotonic();
      const ready = left <= 0 ? wanted : Math.min(now.readyBefore, wanted);
      const current = replicaSetOf(deployment, ready);
      const { status } = deploymentStatus({ deployment, current, old: [], now: clock.now() });
      await writeStatus(Deployment, deployment, status, context);
      return left <= 0 ? done : requeueAfter(left);
    },
  });
}

function replicaSetOf(deployment: Deployment, ready: number): ReplicaSet {
  const { name, namespace } = deployment.metadata;
  const replicas = deployment.spec.replicas ?? 1;
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name: `${name}-${templateHash(deployment.spec.template, undefined)}`,
      ...(namespace === undefined ? {} : { namespace }),
    },
    spec: { replicas, selector: deployment.spec.selector, template: deployment.spec.template },
    status: { replicas, readyReplicas: ready, availableReplicas: ready },
  };
}
