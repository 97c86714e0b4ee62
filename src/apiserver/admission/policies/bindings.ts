// What validating and mutating policies have in common: each binding of a policy is looked at by itself, in order of names;
// which of them a write concerns, and with which parameters.
// Upstream: k8s.io/apiserver/pkg/admission/plugin/policy/generic.
import type { Client } from "#client/client.ts";
import type { InformerFactory } from "#client/informer.ts";
import { ApiError } from "#machinery/api-error.ts";
import { apiVersionOf, type Kind, type KubeObject } from "#machinery/object.ts";
import type { ResourceForm } from "../../crud/resource-form.ts";
import type { WriteContext } from "../../crud/write-context.ts";
import type { AdmissionTarget } from "../chain.ts";
import { ruleMatches, selectorsMatch, type WriteAttributes } from "../webhooks/match.ts";
import { namespaceOf, writeAttributes, writeLabels } from "../write-matching.ts";
import { askedVersion } from "../write-versions.ts";
import { type AnyPolicy, type Constraints, type PolicyBinding, policyBindingOf } from "./policy.ts";

const exemptGroup = "admissionregistration.k8s.io";
/** A policy must not keep anybody from mending policies. Webhook configurations are subject to them. */
const exemptKinds: ReadonlySet<string> = new Set([
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
  "MutatingAdmissionPolicy",
  "MutatingAdmissionPolicyBinding",
]);

/** One policy as one binding uses it. */
export interface BoundPolicy<P extends AnyPolicy> {
  readonly policy: P;
  readonly binding: PolicyBinding;
}

/** A bound policy that a write concerns, and the version of the resource in which it wants to see it. */
export interface Concerned<P extends AnyPolicy> extends BoundPolicy<P> {
  readonly form: ResourceForm;
}

export interface LivePolicies<P extends AnyPolicy> {
  /** Resolves when all policies and bindings that there are have been read. */
  synced(signal: AbortSignal): Promise<void>;
  /** As they are now. */
  readonly all: () => readonly BoundPolicy<P>[];
}

/** Policies as the server's own informers show them; read anew only when one or a binding has changed. */
export function livePolicies<P extends AnyPolicy>(
  informers: InformerFactory,
  [policyKind, bindingKind]: readonly [Kind, Kind],
  read: (object: KubeObject) => P,
): LivePolicies<P> {
  const [policies, bindings] = [informers.for(policyKind), informers.for(bindingKind)];
  let known: readonly BoundPolicy<P>[] | undefined;
  for (const informer of [policies, bindings]) {
    informer.onEvent(() => {
      known = undefined;
    });
  }
  return {
    async synced(signal) {
      await Promise.all([policies.waitForSync(signal), bindings.waitForSync(signal)]);
    },
    all: () => (known ??= bindPolicies(policies.list(), bindings.list(), read)),
  };
}

/** By the names of policies, then of bindings. A binding whose policy is not there does nothing. */
function bindPolicies<P extends AnyPolicy>(
  policies: readonly KubeObject[],
  bindings: readonly KubeObject[],
  read: (object: KubeObject) => P,
): readonly BoundPolicy<P>[] {
  const bound = sorted(bindings).map(policyBindingOf);
  return sorted(policies).flatMap((object) => {
    const mine = bound.filter(({ policyName }) => policyName === object.metadata.name);
    if (mine.length === 0) return [];
    const policy = read(object);
    return mine.map((binding) => ({ policy, binding }));
  });
}

function sorted(objects: readonly KubeObject[]): readonly KubeObject[] {
  return [...objects].sort((left, right) => (left.metadata.name < right.metadata.name ? -1 : 1));
}

export interface Concern<P extends AnyPolicy> {
  readonly policies: readonly Concerned<P>[];
  /** The one that the object is in. */
  readonly namespace: KubeObject | undefined;
}

/** Those that the write concerns, by rules and by labels as they are now. */
export async function concernedBy<P extends AnyPolicy>(
  all: readonly BoundPolicy<P>[],
  context: WriteContext,
  target: AdmissionTarget,
): Promise<Concern<P>> {
  const none = { policies: [], namespace: undefined };
  const { kind } = context.form.resource;
  if (all.length === 0 || (kind.group === exemptGroup && exemptKinds.has(kind.kind))) return none;
  const attributes = writeAttributes(context, target);
  const asked = all.flatMap((bound) => {
    const [form, other] = [bound.policy, bound.binding].map(({ constraints }) =>
      versionFor(constraints, attributes, context, target),
    );
    return form === undefined || other === undefined ? [] : [{ ...bound, form }];
  });
  if (asked.length === 0) return none;
  const namespace = await namespaceOf(context, target);
  const labels = writeLabels(context, target, namespace);
  const policies = asked.filter(({ policy, binding }) =>
    [policy, binding].every(({ constraints }) => selectorsMatch(constraints, labels)),
  );
  return { policies, namespace };
}

/** The version in which the constraints ask for such a write; undefined: they do not. */
function versionFor(
  { rules, isEquivalent, excluded }: Constraints,
  attributes: WriteAttributes,
  context: WriteContext,
  { name }: AdmissionTarget,
): ResourceForm | undefined {
  type Rule = NonNullable<Constraints["rules"]>[number];
  const covers = ({ names, ...rule }: Rule, of: WriteAttributes): boolean =>
    ruleMatches(rule, of) && (names.length === 0 || names.includes(name));
  const isExcluded = askedVersion(context, attributes, { rules: excluded, isEquivalent, covers }) !== undefined;
  return isExcluded ? undefined : askedVersion(context, attributes, { rules, isEquivalent, covers });
}

export interface ParamsReader {
  readonly context: WriteContext;
  readonly target: AdmissionTarget;
  readonly client: Client;
}

/** The parameters that the binding names, null for none; no item: the policy has nothing to say. Throws ApiError. */
export async function paramsOf(
  { policy, binding: { param } }: BoundPolicy<AnyPolicy>,
  { context, target, client }: ParamsReader,
): Promise<readonly unknown[]> {
  if (policy.paramKind === undefined || param === undefined) return [null];
  const { apiVersion, kind } = policy.paramKind;
  const found = context.core.registry
    .all()
    .find((resource) => apiVersionOf(resource.kind) === apiVersion && resource.kind.kind === kind)?.kind;
  if (found === undefined) {
    const why = `failed to find resource referenced by paramKind: '${apiVersion}, Kind=${kind}'`;
    throw new ApiError("BadRequest", why);
  }
  const namespace = paramNamespace(found, param.namespace, target);
  const objects = await readParams(client, found, param, namespace);
  if (objects.length > 0) return objects;
  if (!param.deniesWithout) return [];
  throw new ApiError("BadRequest", "no params found for policy binding with `Deny` parameterNotFoundAction");
}

function paramNamespace(kind: Kind, given: string, { namespace }: AdmissionTarget): string | undefined {
  if (!kind.namespaced) {
    if (given === "") return undefined;
    throw new ApiError("BadRequest", "paramRef.namespace must not be provided for a cluster-scoped `paramKind`");
  }
  if (given === "" && namespace === "") {
    const why = "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources";
    throw new ApiError("BadRequest", why);
  }
  return given === "" ? namespace : given;
}

async function readParams(
  client: Client,
  kind: Kind,
  { name, selector }: NonNullable<PolicyBinding["param"]>,
  namespace: string | undefined,
): Promise<readonly KubeObject[]> {
  const place = namespace === undefined ? {} : { namespace };
  if (name !== "") {
    const object = await client.find(kind, { ...place, name });
    return object === undefined ? [] : [object];
  }
  const { items } = await client.list(kind, place);
  return items.filter((item) => selector?.(item.metadata.labels ?? {}) ?? true);
}
