// How soon the scheduler looks at one binding that was changed while thousands wait for room, on a real API server in this
// process, with clusters whose room comes and goes all the while and wakes all that wait.
import { Cluster } from "#api/cluster/cluster.ts";
import { karmadaLabels } from "#api/karmada-constants.ts";
import { Namespace } from "#api/kinds.ts";
import { ResourceBinding } from "#api/work/binding.ts";
import { scheduler } from "#scheduler/controller.ts";
import { startSchedulerWorld, type SchedulerWorld } from "#scheduler/testing.ts";
import { eventually } from "#std/testing.ts";

const waitingBindings = 5_000;
const clusters = 20;
const changes = 200;
const namespace = "bench";
/** The clusters' room changes once in so many changes of bindings: each time all that wait are looked at. */
const changesPerWakeUp = 20;

/**
 * From the write of the changed binding to the scheduler's answer in the store, in processor time of this process: on a
 * machine of its own it is the time that passes, since nothing else is waited for.
 */
export interface QueueFigures {
  readonly millisecondsP50: number;
  readonly millisecondsP99: number;
}

export async function changedAmongWaiting(): Promise<QueueFigures> {
  const world = await startSchedulerWorld();
  const alive = setInterval(() => undefined, 1_000); // the server's own timers do not keep a process
  try {
    await prepare(world);
    await world.run([scheduler()]);
    await eventually("all are found to wait", () => Promise.resolve(waitingIn(world) === waitingBindings), 120_000);
    const latencies: number[] = [];
    for (let change = 0; change < changes; change++) {
      if (change % changesPerWakeUp === 0) await wakeAll(world, change / changesPerWakeUp);
      latencies.push(await changeOne(world, change));
    }
    latencies.sort((left, right) => left - right);
    const at = (part: number): number => latencies[Math.floor(latencies.length * part)] ?? 0;
    return { millisecondsP50: at(0.5), millisecondsP99: at(0.99) };
  } finally {
    clearInterval(alive);
    await world.close();
  }
}

async function prepare({ client }: SchedulerWorld): Promise<void> {
  await client.create(Namespace, { metadata: { name: namespace } });
  for (let index = 0; index < clusters; index++) {
    const name = `member-${index}`;
    await client.create(Cluster, { metadata: { name }, spec: { syncMode: "Push" } });
    const status = {
      apiEnablements: [{ groupVersion: "apps/v1", resources: [{ kind: "Deployment", name: "deployments" }] }],
      resourceSummary: { allocatable: { cpu: "8", pods: "110" } },
    };
    await client.patch(Cluster, { name }, { type: "merge", patch: { status } }, { subresource: "status" });
  }
  for (let index = 0; index < waitingBindings; index++) await create(client, `waiting-${index}`, "1000");
}

function create(client: SchedulerWorld["client"], name: string, cpu: string): Promise<unknown> {
  return client.create(ResourceBinding, {
    metadata: { namespace, name, labels: { [karmadaLabels.propagationPolicyId]: "policy" } },
    spec: {
      resource: { apiVersion: "apps/v1", kind: "Deployment", namespace, name },
      replicas: 3,
      replicaRequirements: { resourceRequest: { cpu } },
      placement: { replicaScheduling: { replicaSchedulingType: "Divided", replicaDivisionPreference: "Aggregated" } },
    },
  });
}

function waitingIn({ informers }: SchedulerWorld): number {
  const found = informers.for(ResourceBinding).list(namespace);
  return found.filter(({ status }) => status?.conditions?.some(({ reason }) => reason === "Unschedulable")).length;
}

async function wakeAll({ client }: SchedulerWorld, turn: number): Promise<void> {
  const status = { resourceSummary: { allocatable: { cpu: String(9 + turn), pods: "110" } } };
  await client.patch(Cluster, { name: "member-0" }, { type: "merge", patch: { status } }, { subresource: "status" });
}

async function changeOne({ client }: SchedulerWorld, change: number): Promise<number> {
  const before = process.cpuUsage();
  const name = `changed-${change}`;
  await create(client, name, "100m");
  await eventually(`${name} is scheduled`, async () => {
    const { status } = await client.get(ResourceBinding, { namespace, name });
    return status?.schedulerObservedGeneration !== undefined;
  });
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
