// Finds the policy of each resource template, marks the template as claimed by it, and keeps the template's binding.
// Reads: templates of all kinds, policies.  Writes: claims on templates, bindings (but not what others own of them).
// Decides in ./decide.ts, acts in ./apply.ts and ./release.ts.  Upstream: karmada pkg/detector/detector.go.
import { ClusterOverridePolicy, OverridePolicy } from "#api/policy/override-policy.ts";
import { ClusterPropagationPolicy, PropagationPolicy } from "#api/policy/propagation-policy.ts";
import { refKey } from "#machinery/object.ts";
import {
  type Controller,
  type ControllerContext,
  defineController,
  done,
  type ReconcileKey,
  type Result,
  type SourceArguments,
} from "#runtime/controller.ts";
import { untilAborted } from "#std/abort.ts";
import { createPacer } from "#std/pacer.ts";
import { boundTemplates, ruleWatches } from "../rule-watches.ts";
import type { TemplateEvent } from "../templates.ts";
import { applyPolicy } from "./apply.ts";
import { judgeTemplate, type Policies } from "./decide.ts";
import { bindingOf, type Detector, idOf, type Item, type PolicyControllerDeps } from "./detector.ts";
import { finishRelease, release } from "./release.ts";
import type { Policy } from "./scope.ts";
import { changedByKarmada, specificationChanged } from "./template-changes.ts";
import { templateWatches } from "./watches.ts";

/** Templates judged at once. */
const workers = 16;

/** The controller that upstream calls the resource detector. */
export function policyController(deps: PolicyControllerDeps): Controller {
  /** Templates that changed by someone else than Karmada since they were last judged: what lazy policies wait for. */
  const userChanged = new Set<string>();
  const noteUserChange = (key: ReconcileKey): void => {
    userChanged.add(idOf(key));
  };
  return defineController({
    name: "resource-detector",
    standing: "leads",
    for: [],
    watches: [
      ...templateWatches({ ...deps, onBindingLost: noteUserChange }),
      ...ruleWatches(deps.templates, ["getReplicas", "getComponents"], boundTemplates(deps.templates)),
    ],
    options: {},
    workers,
    source: (args) => feedTemplates(args, deps, noteUserChange),
    async reconcile(key, context) {
      const id = idOf(key);
      const changedByUser = userChanged.delete(id);
      const template = deps.writes.latest(context.informers.for(key.kind), key);
      if (template === undefined) {
        return done; // its binding goes with it, by owner reference
      }
      const detector = { ...context, deps };
      try {
        return await judge({ key, template, changedByUser, binding: bindingOf(template, detector) }, detector);
      } catch (error) {
        if (changedByUser) userChanged.add(id);
        throw error;
      }
    },
  });
}

async function feedTemplates(
  queue: SourceArguments<object>,
  { templates }: PolicyControllerDeps,
  noteUserChange: (key: ReconcileKey) => void,
): Promise<void> {
  const onEvent = ({ kind, event }: TemplateEvent): void => {
    const key = { kind, ...event.ref };
    if (event.type === "updated") {
      if (!specificationChanged(event.object, event.old)) return;
      if (!changedByKarmada(event.object, event.old)) noteUserChange(key);
      queue.enqueue(key);
    } else {
      noteUserChange(key);
      queue.enqueue(key, { priority: event.type === "added" && event.initial ? "low" : "normal" });
    }
  };
  const remove = templates.onEvent(onEvent);
  const pacer = createPacer(queue.clock);
  for (const { kind, ref } of templates.all()) {
    if (queue.signal.aborted) break;
    const key = { kind, ...ref };
    noteUserChange(key);
    queue.enqueue(key, { priority: "low" });
    await pacer.pause();
  }
  await untilAborted(queue.signal);
  remove();
}

async function judge(item: Item, detector: Detector): Promise<Result> {
  const { template, binding } = item;
  const verdict = judgeTemplate({
    template,
    binding,
    policies: policiesFor(template.metadata.namespace, detector),
    overridesPresent: (policy) => overridesPresent(policy, detector),
    preemption: detector.deps.gates.PropagationPolicyPreemption,
  });
  switch (verdict.kind) {
    case "leave":
    case "retry":
      // Whatever it waits for is watched.
      detector.log.debug("no policy applied", { object: refKey(template.metadata), reason: verdict.reason });
      await finishRelease(item, detector);
      return done;
    case "release":
      return release(item, verdict, detector);
    case "apply":
      await applyPolicy(item, verdict, detector);
      return done;
  }
}

function policiesFor(namespace: string | undefined, { informers }: ControllerContext): Policies {
  return {
    namespaced: namespace === undefined ? [] : informers.for(PropagationPolicy).list(namespace),
    cluster: informers.for(ClusterPropagationPolicy).list(),
  };
}

function overridesPresent({ spec, metadata: { namespace } }: Policy, { informers }: ControllerContext): boolean {
  return (spec.dependentOverrides ?? []).every((name) =>
    namespace === undefined
      ? informers.for(ClusterOverridePolicy).get({ name }) !== undefined
      : informers.for(OverridePolicy).get({ namespace, name }) !== undefined,
  );
}
