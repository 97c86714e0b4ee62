// Asks the cluster's admission policies about a write: each binding of a policy that concerns it, in order of names.
// Mutating ones are in ./mutate.ts. Upstream: k8s.io/apiserver/pkg/admission/plugin/policy/{generic,validating}.
import {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from "#api/kinds.ts";
import type { Client } from "#client/client.ts";
import type { InformerFactory } from "#client/informer.ts";
import { isApiError, type Reason } from "#machinery/api-error.ts";
import type { AdmissionValues } from "#machinery/cel/admission-environment.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { WriteContext } from "../../crud/write-context.ts";
import type { AdmissionTarget } from "../chain.ts";
import { refusedWrite } from "../refused-write.ts";
import { viewsOf } from "../write-versions.ts";
import { type BoundPolicy, concernedBy, livePolicies, paramsOf, type ParamsReader } from "./bindings.ts";
import { evaluatePolicy, type Refusal } from "./evaluate.ts";
import { mutateAll, type PolicyRound } from "./mutate.ts";
import { mutatingPolicyOf, type Policy, policyOf } from "./policy.ts";

export interface PolicyAdmission {
  /** Resolves when all policies and bindings that there are have been read. */
  synced(signal: AbortSignal): Promise<void>;
  /**
   * Has the mutating ones edit `target.object`. In a second round (`previous`) only those that ask for it. Throws ApiError
   * where one fails.
   */
  mutate(context: WriteContext, target: AdmissionTarget, previous?: PolicyRound): Promise<PolicyRound>;
  /** Throws ApiError where a policy refuses the write; adds warnings where it only warns. */
  validate(context: WriteContext, target: AdmissionTarget): Promise<void>;
}

/** Policies as the server's own informers show them; parameters are read through `client`. */
export function policyAdmission(informers: InformerFactory, client: Client): PolicyAdmission {
  const validatingKinds = [ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding] as const;
  const validating = livePolicies(informers, validatingKinds, policyOf);
  const mutatingKinds = [MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding] as const;
  const mutating = livePolicies(informers, mutatingKinds, mutatingPolicyOf);
  return {
    async synced(signal) {
      await Promise.all([validating.synced(signal), mutating.synced(signal)]);
    },
    mutate: (context, target, previous) => mutateAll(mutating.all(), { context, target, client }, previous),
    validate: (context, target) => validateAll(validating.all(), context, target, client),
  };
}

async function validateAll(
  all: readonly BoundPolicy<Policy>[],
  context: WriteContext,
  target: AdmissionTarget,
  client: Client,
): Promise<void> {
  const { policies, namespace } = await concernedBy(all, context, target);
  const viewIn = viewsOf({ context, target });
  for (const { policy, binding, form } of policies) {
    const { values } = await viewIn(form);
    const refusals = await refusalsOf({ policy, binding }, { context, target, client, namespace, values: values() });
    for (const refusal of refusals) enforce(refusal, { policy, binding }, context, target);
  }
}

interface Asking extends ParamsReader {
  readonly namespace: KubeObject | undefined;
  readonly values: AdmissionValues;
}

async function refusalsOf(bound: BoundPolicy<Policy>, asking: Asking): Promise<readonly Refusal[]> {
  const { policy } = bound;
  const { values, namespace } = asking;
  let params: readonly unknown[];
  try {
    params = await paramsOf(bound, asking);
  } catch (error) {
    if (!isApiError(error)) throw error;
    const message = `failed to configure binding: ${error.message}`;
    return policy.failurePolicy === "Fail" ? [{ message, reason: "Invalid" }] : [];
  }
  return params.flatMap((each) => evaluatePolicy(policy, values, each, namespace ?? null));
}

const reasons: ReadonlyMap<string, Reason> = new Map<string, Reason>([
  ["Forbidden", "Forbidden"],
  ["Unauthorized", "Unauthorized"],
  ["RequestEntityTooLarge", "RequestEntityTooLarge"],
]);

/** Denies, or warns; there is no audit log that `Audit` could write to. */
function enforce(
  { message, reason }: Refusal,
  { policy, binding }: BoundPolicy<Policy>,
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
