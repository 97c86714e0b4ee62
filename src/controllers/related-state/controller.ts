// Looks at the objects beside stateful applications while their clusters can still be asked, and keeps what their policies
// preserve of them on the binding, so that it is known when an application or its cluster fails.
// Reads: bindings, Clusters, members.  Writes: the annotation related-state of bindings.  Decides in ./decide.ts.
import { karmadaAnnotations } from "#api/karmada-constants.ts";
import type { Binding } from "#api/work/binding.ts";
import { isApiError } from "#machinery/api-error.ts";
import { deepEqual } from "#machinery/equality.ts";
import { isObjectOf } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import { labelSelectorOf } from "#machinery/selectors.ts";
import {
  type Controller,
  type ControllerContext,
  defineController,
  done,
  requeueAfter,
  type Result,
} from "#runtime/controller.ts";
import { bindingScopeOf, bindingScopes } from "../binding-scope.ts";
import { readiness } from "../cluster-readiness.ts";
import { mutate } from "../commit.ts";
import type { MemberCluster, MemberClusters } from "../member-clusters.ts";
import {
  applicationOf,
  type RelatedRule,
  relatedRules,
  type RelatedState,
  relatedValue,
  withRelatedState,
} from "./decide.ts";

/** Such objects are not watched in members. They are looked at this often, and when the application's status changes. */
const lookMilliseconds = 10_000;
/** Objects of one rule in one member. */
const objectsMax = 1_000;

export function relatedStateController(members: MemberClusters): Controller {
  return defineController({
    name: "related-state",
    for: bindingScopes.map(({ kind }) => kind),
    changed: (object, old) => concerns(object, old),
    options: {},
    async reconcile(key, context) {
      const binding = context.informers.for(bindingScopeOf(key.namespace).kind).get(key);
      if (binding === undefined || binding.metadata.deletionTimestamp !== undefined) return done;
      return look(binding, members, context);
    },
  });
}

/** Not the annotation that is written here. */
function concerns(object: KubeObject, old: KubeObject): boolean {
  const { kind } = bindingScopeOf(object.metadata.namespace);
  if (!isObjectOf(kind, object) || !isObjectOf(kind, old)) return false;
  if (object.metadata.generation !== old.metadata.generation) return true;
  return relatedRules(object).length > 0 && !deepEqual(object.status?.aggregatedStatus, old.status?.aggregatedStatus);
}

async function look(binding: Binding, members: MemberClusters, context: ControllerContext): Promise<Result> {
  const { client, informers, signal } = context;
  const rules = relatedRules(binding);
  const isRemembered = binding.metadata.annotations?.[karmadaAnnotations.relatedState] !== undefined;
  if (rules.length === 0 && !isRemembered) return done;
  const isReady = readiness(informers);
  const seen = new Map<string, RelatedState>();
  for (const { name } of binding.spec.clusters ?? []) {
    const member = isReady(name) ? members.get(name) : undefined;
    if (member === undefined || member.pace.waitMilliseconds() > 0) continue;
    seen.set(name, await stateIn(member, rules, binding, signal));
  }
  const { kind } = bindingScopeOf(binding.metadata.namespace);
  await mutate(client, kind, binding, (current) => withRelatedState(current, seen), { signal });
  return rules.length === 0 ? done : requeueAfter(lookMilliseconds);
}

async function stateIn(
  member: MemberCluster,
  rules: readonly RelatedRule[],
  binding: Binding,
  signal: AbortSignal,
): Promise<RelatedState> {
  const application = applicationOf(binding, member.name);
  const values: [string, string][] = [];
  // Rules often look at the same objects: for the application's failover and the cluster's, or for several values.
  const listed = new Map<string, Promise<readonly KubeObject[]>>();
  for (const rule of rules) {
    const { apiVersion, kind, labelSelector } = rule.relatedResource;
    const key = JSON.stringify([apiVersion, kind, labelSelector]);
    const objects = listed.get(key) ?? objectsOf(rule, member, binding.spec.resource.namespace, signal);
    listed.set(key, objects);
    const value = relatedValue(rule, await objects, application);
    if (value !== undefined) values.push([rule.aliasLabelName, value]);
  }
  return Object.fromEntries(values);
}

/** A kind that the member does not serve has no objects there. */
async function objectsOf(
  { relatedResource }: RelatedRule,
  { client, discovery, name }: MemberCluster,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  const { apiVersion, kind: word, labelSelector } = relatedResource;
  try {
    const kind = await discovery.kindOf({ apiVersion, kind: word }, { signal });
    const selector = labelSelectorOf(labelSelector ?? {}).text;
    const { items, metadata } = await client.list(kind, {
      signal,
      limit: objectsMax,
      ...(kind.namespaced && namespace !== undefined ? { namespace } : {}),
      ...(selector === "" ? {} : { labelSelector: selector }),
    });
    if ((metadata.continue ?? "") === "") return items;
  } catch (error) {
    if (isApiError(error, "NotFound")) return [];
    throw error;
  }
  throw new Error(`more than ${objectsMax} objects of kind ${word} in Cluster(${name}): narrow labelSelector`);
}
