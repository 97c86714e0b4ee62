// What the steps of the policy controller share: its dependencies, what it wrote of late, and the template in hand.
import type { Binding } from "#api/work/binding.ts";
import type { Interpreter } from "#interpreter/interpreter.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { ControllerContext, ReconcileKey } from "#runtime/controller.ts";
import type { RecentWrites } from "#runtime/recent-writes.ts";
import { bindingRefOf, bindingScopeOf } from "../binding-scope.ts";
import type { FeatureGates } from "../feature-gates.ts";
import type { Templates } from "../templates.ts";

export interface PolicyControllerDeps {
  readonly templates: Templates;
  readonly interpreter: Interpreter;
  readonly gates: FeatureGates;
  readonly writes: RecentWrites;
}

export interface Detector extends ControllerContext {
  readonly deps: PolicyControllerDeps;
}

/** The template in hand. */
export interface Item {
  readonly key: ReconcileKey;
  readonly template: KubeObject;
  readonly binding: Binding | undefined;
  /** By someone else than Karmada, since it was last judged. */
  readonly changedByUser: boolean;
}

/** What a template is called in maps. */
export function idOf({ kind, namespace, name }: ReconcileKey): string {
  return `${kind.group}/${kind.kind}/${namespace ?? ""}/${name}`;
}

/** The template's binding, as last seen or written. */
export function bindingOf(template: KubeObject, { informers, deps }: Detector): Binding | undefined {
  const ref = bindingRefOf(template);
  return deps.writes.latest(informers.for(bindingScopeOf(ref.namespace).kind), ref);
}
