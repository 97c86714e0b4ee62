// Nodes without machines: as many as the settings say, ready as long as nobody says otherwise. There is no heartbeat:
// nothing judges these nodes by one, and an idle cluster stays idle.
// Reads: nodes.  Writes: nodes.  Decides in ./decide.ts.
import { Node } from "#api/kinds.ts";
import { isApiError } from "#machinery/api-error.ts";
import { type Controller, type ControllerContext, defineController, done } from "#runtime/index.ts";
import type { LocalClusterSettings } from "../settings.ts";
import { writeStatus } from "../write-status.ts";
import { newNode, nodeNames, nodeStatus, simulatedAnnotation } from "./decide.ts";

/** Nodes as a controller. */
export function nodes(settings: LocalClusterSettings): Controller {
  const names = new Set(nodeNames(settings));
  return defineController({
    name: "simulated-nodes",
    for: [Node],
    options: {},
    source(run) {
      for (const name of names) run.enqueue({ kind: Node, name });
      return Promise.resolve();
    },
    async reconcile({ name }, context) {
      const { client, informers, clock, signal } = context;
      const node = informers.for(Node).get({ name });
      if (!names.has(name)) {
        // One of ours from a time with more nodes. Other people's nodes are theirs.
        if (node?.metadata.annotations?.[simulatedAnnotation] === "true") await remove(name, context);
        return done;
      }
      const input = { name, settings, now: clock.now() };
      if (node !== undefined) {
        await writeStatus(Node, node, nodeStatus(input, node.status), context);
        return done;
      }
      try {
        await client.create(Node, newNode(input), { signal });
      } catch (error) {
        if (!isApiError(error, "AlreadyExists")) throw error;
      }
      return done;
    },
  });
}

async function remove(name: string, { client, signal }: ControllerContext): Promise<void> {
  try {
    await client.delete(Node, { name }, { signal });
  } catch (error) {
    if (!isApiError(error, "NotFound")) throw error;
  }
}
