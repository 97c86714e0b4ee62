// Taking claims away: from a template whose policy has gone or does not match any more, and from a binding that is left
// over. Works and what is in the members stay: deleting or narrowing a policy never deletes a workload.
// Upstream: karmada pkg/detector/detector.go (handleResourceTemplateAndBindingCleanup).
import type { Client } from "#client/client.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";
import { done, requeueAfter, type Result } from "#runtime/controller.ts";
import { bindingScopeOf } from "../binding-scope.ts";
import { mutate } from "../commit.ts";
import { type Claim, claimOf, withoutClaim } from "./claim.ts";
import type { Verdict } from "./decide.ts";
import type { Detector, Item } from "./detector.ts";

/** A claim whose policy the local copy does not know, but the server does: the copy is behind. */
const copyBehindMilliseconds = 200;

/** Takes a claim away from an object, unless it has another by now. The object as written, if it was. */
export function freeObject<T extends KubeObject>(
  client: Client,
  kind: Kind<T>,
  object: T,
  { scope, id }: Pick<Claim, "scope" | "id">,
  signal: AbortSignal,
): Promise<T | undefined> {
  const free = (current: T): T | undefined =>
    current.metadata.labels?.[scope.idLabel] === id ? withoutClaim(current, scope) : undefined;
  return mutate(client, kind, object, free, { signal });
}

/** Takes the claim away, if its policy is really gone; the template's change then has it judged anew. */
export async function release(
  item: Item,
  { claim, because }: Verdict & { readonly kind: "release" },
  detector: Detector,
): Promise<Result> {
  const { client, signal } = detector;
  const { scope, namespace, name } = claim;
  if (because === "policyGone" && (await client.find(scope.kind, { namespace, name }, { signal })) !== undefined) {
    return requeueAfter(copyBehindMilliseconds);
  }
  // As upstream. When the policy has gone nobody will look for the binding again, so it goes first then.
  if (because === "matchesNoMore") await freeTemplate(item, claim, detector);
  await freeBinding(item, claim, detector);
  if (because === "policyGone") await freeTemplate(item, claim, detector);
  return done;
}

/** An unclaimed template's binding that still carries a claim: a release was cut short. */
export async function finishRelease(item: Item, detector: Detector): Promise<void> {
  const left = item.binding === undefined ? undefined : claimOf(item.binding);
  if (left !== undefined && claimOf(item.template) === undefined) await freeBinding(item, left, detector);
}

async function freeTemplate({ key, template }: Item, claim: Claim, detector: Detector): Promise<void> {
  const freed = await freeObject(detector.client, key.kind, template, claim, detector.signal);
  if (freed !== undefined) detector.deps.writes.remember(detector.informers.for(key.kind), freed);
}

async function freeBinding({ template, binding }: Item, claim: Claim, detector: Detector): Promise<void> {
  // Of an object that can be seen as two kinds, the binding belongs to one.
  if (binding?.spec.resource.apiVersion !== template.apiVersion) return;
  const { kind } = bindingScopeOf(binding.metadata.namespace);
  const freed = await freeObject(detector.client, kind, binding, claim, detector.signal);
  if (freed !== undefined) detector.deps.writes.remember(detector.informers.for(kind), freed);
}
