// Asks the cluster's validating admission policies about a write: each binding of a policy that concerns it, in order of
// names. Upstream: k8s.io/apiserver/pkg/admission/plugin/policy/{generic,validating}.
import { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from "#api/kinds.ts";
import type { Client } from "#client/client.ts";
import type { InformerFactory } from "#client/informer.ts";
import { ApiError, isApiError, type Reason } from "#machinery/api-error.ts";
import type { AdmissionValues } from "#machinery/cel/admission-environment.ts";
import { apiVersionOf, type Kind, type KubeObject } from "#machinery/object.ts";
import type { WriteContext } from "../../crud/write-context.ts";
import type { AdmissionTarget } from "../chain.ts";
import { writeValues } from "../expressions.ts";
import { refusedWrite } from "../refused-write.ts";
import { ruleMatches, selectorsMatch, type WriteAttributes } from "../webhooks/match.ts";
import { namespaceOf, writeAttributes, writeLabels } from "../write-matching.ts";
import { askedVersion, inVersion } from "../write-versions.ts";
import type { ResourceForm } from "../../crud/resource-form.ts";
import { evaluatePolicy, type Refusal } from "./evaluate.ts";
import { type Constraints, type Policy, type PolicyBinding, policyBindingOf, policyOf } from "./policy.ts";

const exemptGroup = "admissionregistration.k8s.io";
/** A policy must not keep anybody from mending policies. Webhook configurations are subject to them. */
const exemptKinds: ReadonlySet<string> = new Set([
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
  "MutatingAdmissionPolicy",
  "MutatingAdmissionPolicyBinding",
]);

export interface PolicyAdmission {
  /** Resolves when all policies and bindings that there are have been read. */
  synced(signal: AbortSignal): Promise<void>;
  /** Throws ApiError where a policy refuses the write; adds warnings where it only warns. */
  validate(context: WriteContext, target: AdmissionTarget): Promise<void>;
}

/** One policy as one binding uses it. */
interface BoundPolicy {
  readonly policy: Policy;
  readonly binding: PolicyBinding;
}

/** Policies as the server's own informers show them; parameters are read through `client`. */
export function policyAdmission(informers: InformerFactory, client: Client): PolicyAdmission {
  const policies = informers.for(ValidatingAdmissionPolicy);
  const bindings = informers.for(ValidatingAdmissionPolicyBinding);
  let known: readonly BoundPolicy[] | undefined;
  for (const informer of [policies, bindings]) {
    informer.onEvent(() => {
      known = undefined;
    });
  }
  return {
    async synced(signal) {
      await Promise.all([policies.waitForSync(signal), bindings.waitForSync(signal)]);
    },
    async validate(context, target) {
      known ??= bindPolicies(policies.list(), bindings.list());
      if (known.length > 0) await validateAll(known, context, target, client);
    },
  };
}

/** By the names of policies, then of bindings. A binding whose policy is not there does nothing. */
function bindPolicies(policies: readonly KubeObject[], bindings: readonly KubeObject[]): readonly BoundPolicy[] {
  const bound = sorted(bindings).map(policyBindingOf);
  return sorted(policies).flatMap((object) => {
    const mine = bound.filter(({ policyName }) => policyName === object.metadata.name);
    if (mine.length === 0) return [];
    const policy = policyOf(object);
    return mine.map((binding) => ({ policy, binding }));
  });
}

function sorted(objects: readonly KubeObject[]): readonly KubeObject[] {
  return [...objects].sort((left, right) => (left.metadata.name < right.metadata.name ? -1 : 1));
}

async function validateAll(
  all: readonly BoundPolicy[],
  context: WriteContext,
  target: AdmissionTarget,
  client: Client,
): Promise<void> {
  const { kind } = context.form.resource;
  if (kind.group === exemptGroup && exemptKinds.has(kind.kind)) return;
  const attributes = writeAttributes(context, target);
  const asked = all.flatMap((bound) => {
    const [form, other] = [bound.policy, bound.binding].map(({ constraints }) =>
      versionFor(constraints, attributes, context, target),
    );
    return form === undefined || other === undefined ? [] : [{ ...bound, form }];
  });
  if (asked.length === 0) return;
  const namespace = await namespaceOf(context, target);
  const labels = writeLabels(context, target, namespace);
  const known = new Map<ResourceForm, AdmissionValues>();
  for (const { policy, binding, form } of asked) {
    if (!selectorsMatch(policy.constraints, labels) || !selectorsMatch(binding.constraints, labels)) continue;
    let values = known.get(form);
    if (values === undefined) {
      const seen = await inVersion({ context, target }, form);
      values = writeValues(seen.context, seen.target);
      known.set(form, values);
    }
    const refusals = await refusalsOf({ policy, binding }, { context, target, client, namespace, values });
    for (const refusal of refusals) enforce(refusal, { policy, binding }, context, target);
  }
}

interface Asking {
  readonly context: WriteContext;
  readonly target: AdmissionTarget;
  readonly client: Client;
  readonly namespace: KubeObject | undefined;
  readonly values: AdmissionValues;
}

async function refusalsOf({ policy, binding }: BoundPolicy, asking: Asking): Promise<readonly Refusal[]> {
  const { values, namespace } = asking;
  let params: readonly unknown[];
  try {
    params = policy.paramKind === undefined ? [null] : await paramsOf(policy.paramKind, binding, asking);
  } catch (error) {
    if (!isApiError(error)) throw error;
    const message = `failed to configure binding: ${error.message}`;
    return policy.failurePolicy === "Fail" ? [{ message, reason: "Invalid" }] : [];
  }
  return params.flatMap((each) => evaluatePolicy(policy, values, each, namespace ?? null));
}

/** The parameters that the binding names; none: the policy has nothing to say. Throws ApiError. */
async function paramsOf(
  { apiVersion, kind }: NonNullable<Policy["paramKind"]>,
  { param }: PolicyBinding,
  { context, target, client }: Asking,
): Promise<readonly unknown[]> {
  if (param === undefined) return [null];
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

const reasons: ReadonlyMap<string, Reason> = new Map<string, Reason>([
  ["Forbidden", "Forbidden"],
  ["Unauthorized", "Unauthorized"],
  ["RequestEntityTooLarge", "RequestEntityTooLarge"],
]);

/** Denies, or warns; there is no audit log that `Audit` could write to. */
function enforce(
  { message, reason }: Refusal,
  { policy, binding }: BoundPolicy,
  context: WriteContext,
  target: AdmissionTarget,
): void {
  const who = `ValidatingAdmissionPolicy '${policy.name}' with binding '${binding.name}'`;
  if (binding.actions.includes("Warn")) context.warnings.add(`Validation failed for ${who}: ${message}`);
  if (!binding.actions.includes("Deny")) return;
  const why = `${who} denied request: ${message}`;
  const { kind } = context.form.resource;
  throw refusedWrite(kind, target.name, reasons.get(reason) ?? "Invalid", why, [{ message }]);
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
