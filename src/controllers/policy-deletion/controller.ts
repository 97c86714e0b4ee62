// Lets go of everything that a policy has claimed before the policy goes. Bindings, Works and what is in the members stay:
// another policy may claim the templates, or their users delete them.
// Reads: policies, templates; bindings from the server.  Writes: claims on templates and bindings, the policies' finalizer.
// Upstream: karmada pkg/detector/detector.go (handlePolicyDeletion).
import { throwErrors } from "#machinery/aggregate-error.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";
import { type Controller, type ControllerContext, defineController, done, type Result } from "#runtime/controller.ts";
import { forEachBounded } from "#std/bounded.ts";
import { bindingScopes } from "../binding-scope.ts";
import { mutate } from "../commit.ts";
import { freeObject } from "../policy/release.ts";
import {
  clusterPolicies,
  namespacedPolicies,
  type Policy,
  policyIdOf,
  policyScopeOf,
  policyScopes,
} from "../policy/scope.ts";
import type { Templates } from "../templates.ts";

/** Claims of one policy taken away at once. */
const writesAtOnce = 8;

export function policyDeletionController({ templates }: { readonly templates: Templates }): Controller {
  return defineController({
    name: "policy-deletion",
    for: policyScopes.map(({ kind }) => kind),
    changed: ({ metadata }, old) => metadata.deletionTimestamp !== old.metadata.deletionTimestamp,
    options: {},
    async reconcile(key, context) {
      const { kind } = key.namespace === undefined ? clusterPolicies : namespacedPolicies;
      const policy = context.informers.for(kind).get(key);
      if (policy?.metadata.deletionTimestamp === undefined) return done;
      await templates.synced(); // what has not been listed cannot be let go
      return letGo(policy, templates, context);
    },
  });
}

interface Claimed {
  readonly kind: Kind;
  readonly object: KubeObject;
}

async function letGo(policy: Policy, templates: Templates, context: ControllerContext): Promise<Result> {
  const { client, signal } = context;
  const scope = policyScopeOf(policy);
  const id = policyIdOf(policy);
  const free = ({ kind, object }: Claimed): Promise<unknown> => freeObject(client, kind, object, { scope, id }, signal);
  const all = async (claimed: readonly Claimed[]): Promise<void> => {
    throwErrors(
      await forEachBounded(claimed, writesAtOnce, async (each) => {
        await free(each);
      }),
    );
  };
  if (id !== "") {
    // Bindings first: a template that is free may be claimed again, and its binding with it.
    await all(await claimedBindings(scope.idLabel, id, context));
    await all(templates.claimedBy(id));
  }
  const release = (current: Policy): Policy | undefined => {
    const { finalizers = [] } = current.metadata;
    if (!finalizers.includes(scope.finalizer)) return undefined;
    return {
      ...current,
      metadata: { ...current.metadata, finalizers: finalizers.filter((each) => each !== scope.finalizer) },
    };
  };
  await mutate(client, scope.kind, policy, release, { signal });
  return done;
}

/** Read from the server: a binding that was made a moment ago may be in no local copy yet, and nobody comes back for it. */
async function claimedBindings(
  idLabel: string,
  id: string,
  { client, signal }: ControllerContext,
): Promise<readonly Claimed[]> {
  const labelSelector = `${idLabel}=${id}`;
  const lists = bindingScopes.map(async ({ kind }) => {
    const { items } = await client.list<KubeObject>(kind, { labelSelector, signal });
    return items.map((object) => ({ kind, object }));
  });
  return (await Promise.all(lists)).flat();
}
