// The state that every simulated world begins with: Karmada's kinds installed, members known. Made once per process, on a
// clock and chance of its own that are always the same, and shared by all seeds.
import { generateKeyPairSync } from "node:crypto";
import { Cluster } from "#api/cluster/cluster.ts";
import { karmadaNamespaces } from "#api/karmada-constants.ts";
import { CustomResourceDefinition, Node, PriorityClass, Secret } from "#api/kinds.ts";
import { karmadaAdmission } from "#api/admission/karmada-admission.ts";
import { inProcessTransport } from "#client/in-process-transport.ts";
import { createClient } from "#client/rest-client.ts";
import type { Client } from "#client/client.ts";
import { installKinds } from "#install/kinds.ts";
import type { Clock } from "#std/time.ts";
import type { StoredRecord } from "#storage/record.ts";
import { controlPlane } from "./parts.ts";
import { seededRandom } from "./seeded-random.ts";
import { SimulatedServer } from "./server.ts";
import { VirtualClock } from "./virtual-clock.ts";
import { realTurn } from "./guard.ts";
import { jobDefinition } from "./workload/jobs.ts";
import { urgentClass } from "./workload/objects.ts";
import { clusterOf, nodeName, roomForAll, roomOf } from "./workload/placements.ts";

/** More than the preparation takes. */
const prepareMilliseconds = 600_000;

export interface PreparedState {
  readonly members: readonly string[];
  readonly signingKey: string;
  /** What each server has on its disk. */
  readonly records: ReadonlyMap<string, readonly StoredRecord[]>;
}

/** Makes the state for a control plane with `members`. */
export async function prepareState(members: readonly string[]): Promise<PreparedState> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const signingKey = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const clock = new VirtualClock({ random: seededRandom(0, 1), turn: realTurn });
  const records = new Map<string, readonly StoredRecord[]>();
  for (const name of [controlPlane, ...members]) {
    const isControlPlane = name === controlPlane;
    const random = seededRandom(0, 2 + records.size);
    const admission = isControlPlane ? karmadaAdmission({ random, clock }) : [];
    const server = new SimulatedServer({
      ...{ name, clock, ownClock: clock, random, signingKey, admission, records: [], onCommit: () => undefined },
    });
    const prepare = async (): Promise<void> => {
      await server.start();
      const { handler } = server;
      if (handler === undefined) throw new Error("the server has not started");
      const client = createClient(inProcessTransport(handler, { name: "admin", groups: ["system:masters"] }));
      await (isControlPlane ? install(client, members, clock) : furnish(client));
      await client.close();
      await server.close();
    };
    await clock.run(prepare(), prepareMilliseconds);
    records.set(name, server.disk.records());
  }
  return { members, signingKey, records };
}

async function install(client: Client, members: readonly string[], clock: Clock): Promise<void> {
  await installKinds(client, { clock, signal: new AbortController().signal });
  const data = { token: Buffer.from("token").toString("base64") };
  for (const name of members) {
    await client.create(Secret, { metadata: { name, namespace: karmadaNamespaces.cluster }, data });
    await client.create(Cluster, clusterOf(name));
  }
  await client.create(CustomResourceDefinition, jobDefinition);
  const { name, value } = urgentClass;
  await client.create(PriorityClass, { metadata: { name }, value });
}

/** A member has a node, and what runs jobs. */
async function furnish(client: Client): Promise<void> {
  await client.create(CustomResourceDefinition, jobDefinition);
  await client.create(Node, { metadata: { name: nodeName }, spec: {} });
  const patch = { type: "merge", patch: roomOf(roomForAll) } as const;
  await client.patch(Node, { name: nodeName }, patch, { subresource: "status" });
}
