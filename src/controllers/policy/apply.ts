// Applying a policy to a template: the claim on the template first, then the binding, which carries the template's
// resourceVersion as it is with the claim. Upstream: karmada pkg/detector/detector.go (ApplyPolicy, ApplyClusterPolicy).
import { PriorityClass } from "#api/kinds.ts";
import { eventReasons } from "#api/karmada-constants.ts";
import type { Binding } from "#api/work/binding.ts";
import { errorText, isApiError } from "#machinery/api-error.ts";
import { type KubeObject, refKey } from "#machinery/object.ts";
import { bindingScopeOf } from "../binding-scope.ts";
import { commit, createOrFind, mutate } from "../commit.ts";
import { reportFailures } from "../report-failures.ts";
import { type BindingInput, buildBinding, type Demand, isOwnedByAnother, ownerDiffersText } from "./build-binding.ts";
import { isClaimedBy, withClaim } from "./claim.ts";
import type { Verdict } from "./decide.ts";
import { demandOf, demandReports, tellDemand, tellFailure } from "./demand.ts";
import type { Detector, Item } from "./detector.ts";
import { withHold, withoutHold } from "./hold.ts";
import { type Policy, policyScopeOf, policyText } from "./scope.ts";

export async function applyPolicy(
  item: Item,
  { policy, preempted }: Verdict & { readonly kind: "apply" },
  detector: Detector,
): Promise<void> {
  const { events } = detector;
  try {
    const template = await claim(item, policy, preempted, detector);
    if (policy.spec.activationPreference === "Lazy" && !item.changedByUser) return;
    if (await writeBinding({ ...item, template }, policy, detector)) {
      events.event(template, "Normal", eventReasons.applyPolicySucceed, `Apply ${policyText(policy)} succeed`);
    }
  } catch (error) {
    if (!isApiError(error, "Conflict")) {
      const message = `Apply ${policyText(policy)} failed: ${errorText(error)}`;
      events.event(item.template, "Warning", eventReasons.applyPolicyFailed, message);
    }
    throw error;
  }
}

/** The template with the policy's claim on it. */
async function claim(
  { key, template }: Item,
  policy: Policy,
  preempted: Policy | undefined,
  { client, informers, events, signal, deps }: Detector,
): Promise<KubeObject> {
  if (isClaimedBy(template, policy)) return template;
  try {
    const claimed = await commit(client, key.kind, template, withClaim(template, policy), { signal });
    deps.writes.remember(informers.for(key.kind), claimed);
    if (preempted !== undefined) {
      const message = `${capitalText(policy)} preempted ${lowerText(preempted)} successfully`;
      events.event(claimed, "Normal", eventReasons.preemptPolicySucceed, message);
    }
    return claimed;
  } catch (error) {
    if (preempted !== undefined) {
      const message = `${capitalText(policy)} failed to preempt ${lowerText(preempted)}: ${errorText(error)}`;
      events.event(template, "Warning", eventReasons.preemptPolicyFailed, message);
    }
    throw error;
  }
}

/** Whether anything had to be written. */
async function writeBinding(item: Item, policy: Policy, detector: Detector): Promise<boolean> {
  const { client, informers, signal, deps } = detector;
  const { template } = item;
  const { kind } = bindingScopeOf(template.metadata.namespace);
  const known = { template, policy, workloadAffinity: deps.gates.WorkloadAffinity };
  const schedulePriority = schedulePriorityOf(policy, detector);
  let demand: Demand;
  try {
    demand = await demandOf(template, detector);
  } catch (error) {
    tellFailure(template, error, detector);
    const held = await heldBinding(item, { ...known, schedulePriority, demand: { kind: "none" } }, detector);
    const reporter = { ...detector, ...deps };
    if (!isOwnedByAnother(held, template)) await reportFailures(kind, held, demandReports(error), reporter);
    throw error;
  }
  const input: BindingInput = { ...known, schedulePriority, demand };
  const { object: existing, created } =
    item.binding === undefined
      ? await createOrFind(client, kind, buildBinding(input, undefined), signal)
      : { object: item.binding, created: false };
  const written = created ? existing : await updateBinding(existing, input, detector);
  deps.writes.remember(informers.for(kind), written);
  await reportFailures(kind, written, demandReports(), { ...detector, ...deps });
  const changed = created || written !== existing;
  if (changed) tellDemand(template, demand, detector);
  return changed;
}

/** The binding that is there, else a new one that is held. */
async function heldBinding(item: Item, input: BindingInput, detector: Detector): Promise<Binding> {
  const { client, informers, signal, deps } = detector;
  if (item.binding !== undefined) return item.binding;
  const { kind } = bindingScopeOf(item.template.metadata.namespace);
  const { object } = await createOrFind(client, kind, withHold(buildBinding(input, undefined)), signal);
  deps.writes.remember(informers.for(kind), object);
  return object;
}

async function updateBinding(existing: Binding, input: BindingInput, { client, signal }: Detector): Promise<Binding> {
  const { kind } = bindingScopeOf(existing.metadata.namespace);
  const update = (current: Binding): Binding => {
    if (isOwnedByAnother(current, input.template)) throw new Error(ownerDiffersText);
    return buildBinding(input, withoutHold(current));
  };
  const written = await mutate(client, kind, existing, update, { signal });
  if (written === undefined) throw new Error(`binding ${refKey(existing.metadata)} was deleted meanwhile`);
  return written;
}

/** The value of the policy's priority class. A class that is missing stops the binding from being written. */
function schedulePriorityOf({ spec }: Policy, { informers, deps }: Detector): number | undefined {
  const name = spec.schedulePriority?.priorityClassName;
  if (name === undefined || !deps.gates.PriorityBasedScheduling) return undefined;
  const found = informers.for(PriorityClass).get({ name });
  if (found === undefined) throw new Error(`priorityclasses.scheduling.k8s.io "${name}" not found`);
  return found.value;
}

/** `Propagation policy(default/a)`, `Cluster propagation policy(b)`: as the events of preemption name them. */
function capitalText(policy: Policy): string {
  const text = lowerText(policy);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function lowerText(policy: Policy): string {
  const noun = policyScopeOf(policy).namespaced ? "propagation policy" : "cluster propagation policy";
  return `${noun}(${refKey(policy.metadata)})`;
}
