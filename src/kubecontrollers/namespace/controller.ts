// Ends namespaces that are being deleted: deletes all that is in them, says what is left, and lets them go when nothing is.
// Reads: namespaces; lists all namespaced kinds. Writes: deletes them; the namespace's conditions and `kubernetes` finalizer.
// Decides in ./decide.ts, deletes in ./content.ts.
// Upstream: kubernetes pkg/controller/namespace/namespace_controller.go.
import { Namespace } from "#api/kinds.ts";
import type { Client } from "#client/client.ts";
import { createDiscovery, type Discovery } from "#client/discovery.ts";
import { isApiError } from "#machinery/api-error.ts";
import {
  type Controller,
  type ControllerContext,
  defineController,
  done,
  requeueAfter,
  type Result,
} from "#runtime/index.ts";
import { parseTime } from "#std/time.ts";
import { deleteContent } from "./content.ts";
import { conditionsOf, isEmptied, kubernetesFinalizer, type Outcome } from "./decide.ts";

const workers = 10;
/** What is left is looked at again after a share of the time that the deletion has taken so far, within these bounds. */
const lookAgain = { share: 0.25, millisecondsMin: 100, millisecondsMax: 5_000 };

/** A namespace controller. It keeps what discovery said, so each manager gets one of its own. */
export function namespaceController(): Controller {
  const discoveries = new WeakMap<Client, Discovery>();
  return defineController({
    name: "namespace-controller",
    for: [Namespace],
    changed: ({ metadata }) => metadata.deletionTimestamp !== undefined,
    options: {},
    workers,
    async reconcile({ name }, context) {
      const { client, informers, signal } = context;
      if (!isEnding(informers.for(Namespace).get({ name }))) return done;
      const namespace = await client.find(Namespace, { name }, { signal });
      if (namespace === undefined || !isEnding(namespace)) return done;
      const discovery = discoveries.get(client) ?? createDiscovery(client);
      discoveries.set(client, discovery);
      const outcome = await deleteContent(client, name, await discovery.refresh({ signal }), signal);
      return await conclude(namespace, outcome, context);
    },
  });
}

function isEnding(namespace: Namespace | undefined): boolean {
  if (namespace?.metadata.deletionTimestamp === undefined) return false;
  return namespace.spec?.finalizers?.includes(kubernetesFinalizer) === true;
}

async function conclude(
  namespace: Namespace,
  outcome: Outcome,
  { client, clock, signal }: ControllerContext,
): Promise<Result> {
  const told = await tell(namespace, outcome, client, clock.now(), signal);
  if (!isEmptied(outcome)) {
    const taken = clock.now() - (parseTime(namespace.metadata.deletionTimestamp) ?? clock.now());
    const { share, millisecondsMin, millisecondsMax } = lookAgain;
    return requeueAfter(Math.min(Math.max(taken * share, millisecondsMin), millisecondsMax));
  }
  const finalizers = told.spec?.finalizers?.filter((finalizer) => finalizer !== kubernetesFinalizer) ?? [];
  try {
    await client.update(
      Namespace,
      { ...told, spec: { ...told.spec, finalizers } },
      { subresource: "finalize", signal },
    );
  } catch (error) {
    if (!isApiError(error, "NotFound")) throw error;
  }
  return done;
}

/** Writes the conditions, unless nobody would ever see them. The namespace as it is then. */
async function tell(
  namespace: Namespace,
  outcome: Outcome,
  client: Client,
  now: number,
  signal: AbortSignal,
): Promise<Namespace> {
  const old = namespace.status?.conditions ?? [];
  const conditions = conditionsOf(outcome, old, now);
  const goesAtOnce = isEmptied(outcome) && old.length === 0 && (namespace.metadata.finalizers ?? []).length === 0;
  if (goesAtOnce || conditions === old) return namespace;
  const status = { ...namespace.status, phase: "Terminating", conditions };
  return await client.update(Namespace, { ...namespace, status }, { subresource: "status", signal });
}
