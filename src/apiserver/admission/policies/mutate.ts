// Lets mutating admission policies edit an object: each binding of a policy that concerns it in order of names, each of its
// mutations in the order of its list. What they change is nobody's in managedFields, as all that admission does.
// Upstream: k8s.io/apiserver/pkg/admission/plugin/policy/mutating/{dispatcher,patch}.
import { become, type MutableObject } from "#machinery/admission.ts";
import { errorText, isApiError } from "#machinery/api-error.ts";
import type { AdmissionValues } from "#machinery/cel/admission-environment.ts";
import { jsonOfConfiguration, jsonOfPatches } from "#machinery/cel/mutation.ts";
import { type Budget, CelError, type CelValue } from "#machinery/cel/value.ts";
import { cloneJson, deepEqual } from "#machinery/equality.ts";
import { configErrors, configErrorsText } from "#machinery/fields/check-config.ts";
import { atomicPaths } from "#machinery/fields/atomic-paths.ts";
import { mergeValues } from "#machinery/fields/merge-value.ts";
import { isRecord } from "#machinery/guards.ts";
import { encodeJson, parseJson } from "#machinery/json.ts";
import { applyJsonPatch, decodeJsonPatch } from "#machinery/patch/json-patch.ts";
import { finishObject } from "../../crud/decode.ts";
import type { ResourceForm } from "../../crud/resource-form.ts";
import { matchConditions, outcomeOf, writeValues } from "../expressions.ts";
import { refusedWrite } from "../refused-write.ts";
import { hasTurn, type MutationRound } from "../round.ts";
import { inVersion, takeOver, type WriteView } from "../write-versions.ts";
import { type BoundPolicy, type Concerned, concernedBy, paramsOf, type ParamsReader } from "./bindings.ts";
import { policyBudget, policyValues } from "./evaluate.ts";
import type { Mutation, MutatingPolicy } from "./policy.ts";

/** Its members are bindings of policies, by the names of both. */
export type PolicyRound = MutationRound<string>;

/** A mutation that cannot be carried out. */
class MutationError extends Error {
  override readonly name = "MutationError";
}

/** Runs the policies that the write concerns; in a second round those that ask for it and have not seen what it is now. */
export async function mutateAll(
  all: readonly BoundPolicy<MutatingPolicy>[],
  reader: ParamsReader,
  previous?: PolicyRound,
): Promise<PolicyRound> {
  const { context, target } = reader;
  const called = new Map<string, object>();
  const { object } = target;
  if (all.length === 0 || object === undefined || target.kind !== undefined) return { called, changed: false };
  const { policies, namespace } = await concernedBy(all, context, target);
  let changed = false;
  for (const bound of policies) {
    const key = JSON.stringify([bound.policy.name, bound.binding.name]);
    if (!hasTurn(key, object, previous)) continue;
    const before = cloneJson(object);
    await mutateBy(bound, reader, namespace ?? null);
    changed ||= !deepEqual(before, object);
    if (bound.policy.reinvoked) called.set(key, cloneJson(object));
  }
  return { called, changed };
}

/** Throws ApiError where the policy fails and its failurePolicy is to fail. */
async function mutateBy(bound: Concerned<MutatingPolicy>, reader: ParamsReader, namespace: unknown): Promise<void> {
  const { policy, binding, form } = bound;
  const { context, target } = reader;
  const write: WriteView = { context, target };
  const seen = await inVersion(write, form);
  try {
    for (const params of await parametersOf(bound, reader)) runMutations(policy, seen, params, namespace);
  } catch (error) {
    if (!(error instanceof MutationError)) throw error;
    if (policy.failurePolicy === "Ignore") return;
    const why = `policy '${policy.name}' with binding '${binding.name}' denied request: ${error.message}`;
    throw refusedWrite(context.form.resource.kind, target.name, "Invalid", why);
  }
  await takeOver(write, seen);
}

async function parametersOf(bound: BoundPolicy<MutatingPolicy>, reader: ParamsReader): Promise<readonly unknown[]> {
  try {
    return await paramsOf(bound, reader);
  } catch (error) {
    if (!isApiError(error)) throw error;
    throw new MutationError(`failed to configure binding: ${error.message}`, { cause: error });
  }
}

function runMutations(
  policy: MutatingPolicy,
  { context, target }: WriteView,
  params: unknown,
  namespace: unknown,
): void {
  const budget = policyBudget();
  const write = writeValues(context, target);
  const values = (): AdmissionValues => policyValues(policy, write, { params, namespace, budget });
  const matching = matchConditions(policy.matchConditions, values());
  if (matching.kind === "error") throw new MutationError(matching.error);
  if (matching.kind === "skip" || target.object === undefined) return;
  for (const mutation of policy.mutations) {
    // Each sees what those before it have made; its variables are worked out anew.
    const value = valueOf(mutation, values(), budget);
    replace(context.form, target.object, mutated(mutation, value, context.form, target.object));
  }
}

function valueOf({ program, text }: Mutation, values: AdmissionValues, budget: Budget): CelValue {
  if (program === undefined) throw new MutationError(`expression '${text}' does not compile`);
  const outcome = outcomeOf(program, values, budget);
  if (outcome.error === undefined) return outcome.value;
  throw new MutationError(`expression '${text}' resulted in error: ${outcome.error}`);
}

function mutated({ kind }: Mutation, value: CelValue, form: ResourceForm, object: MutableObject): unknown {
  try {
    if (kind === "JSONPatch") {
      return applyJsonPatch(parseJson(encodeJson(object)), decodeJsonPatch(jsonOfPatches(value)));
    }
    return applied(form, object, jsonOfConfiguration(value));
  } catch (error) {
    if (!isApiError(error) && !(error instanceof CelError)) throw error;
    throw new MutationError(kind === "JSONPatch" ? `JSON Patch: ${errorText(error)}` : errorText(error), {
      cause: error,
    });
  }
}

function applied({ mergeType, apiVersion, resource }: ResourceForm, object: MutableObject, made: unknown): unknown {
  const config = { ...(isRecord(made) ? made : {}), apiVersion, kind: resource.kind.kind };
  const errors = configErrors(mergeType, config);
  const failure = "error applying patch:";
  if (errors.length > 0) {
    throw new MutationError(`${failure} failed to convert patch object to typed object: ${configErrorsText(errors)}`);
  }
  const atomics = atomicPaths(mergeType, config);
  if (atomics.length > 0) {
    const why = `may not mutate atomic arrays, maps or structs: ${atomics.join(", ")}`;
    throw new MutationError(`${failure} invalid ApplyConfiguration: ${why}`);
  }
  return parseJson(encodeJson(mergeValues(mergeType, object, config)));
}

/** Decodes what has been made, as any body is, and puts it in the place of the object. */
function replace(form: ResourceForm, object: MutableObject, made: unknown): void {
  if (!isRecord(made)) throw new MutationError("the object would be none any more");
  const wrong = form.decode(made).find((finding) => finding.kind === "type");
  if (wrong !== undefined) throw new MutationError(wrong.message);
  const next = finishObject(form, made);
  const isSame = next.apiVersion === object.apiVersion && next.kind === object.kind;
  const { name, namespace } = object.metadata;
  if (!isSame || next.metadata.name !== name || next.metadata["namespace"] !== namespace) {
    throw new MutationError("apiVersion, kind, metadata.name and metadata.namespace may not be changed");
  }
  become(object, next);
}
