// What is looked at again when users change how kinds are interpreted: what there is of the kinds that the change is about,
// after all else. Upstream waits for another reason to look at them.
import { Cluster } from "#api/cluster/cluster.ts";
import { ResourceInterpreterCustomization } from "#api/config/resource-interpreter-customization.ts";
import { ResourceInterpreterWebhookConfiguration } from "#api/config/resource-interpreter-webhook-configuration.ts";
import { bindingName, executionNamespace, workName } from "#api/karmada-names.ts";
import { Work } from "#api/work/work.ts";
import type { InformerFactory } from "#client/informer.ts";
import type { Operation } from "#interpreter/interpretation.ts";
import { customizationChange, type RuleChange, webhookChange } from "#interpreter/rule-change.ts";
import type { Kind, KubeObject, ObjectRef } from "#machinery/object.ts";
import type { ControllerContext, ReconcileKey, Watch } from "#runtime/controller.ts";
import { bindingScopeOf } from "./binding-scope.ts";
import type { Templates } from "./templates.ts";

/** Objects are only named, never read, and one by one: there may be very many of them. */
type KeysOf = (kinds: readonly Kind[], context: ControllerContext) => Iterable<ReconcileKey>;

/** Watches that look again at what `keysOf` finds of the kinds on which one of the operations is answered otherwise now. */
export function ruleWatches(templates: Templates, operations: readonly Operation[], keysOf: KeysOf): readonly Watch[] {
  const concerned = (change: RuleChange): readonly Kind[] =>
    templates.kinds().filter((kind) => operations.some((operation) => change(operation, kind)));
  const watchOf = <T extends KubeObject>(
    kind: Kind<T>,
    changeOf: (object: T, old: T | undefined) => RuleChange,
  ): Watch => {
    const watch: Watch<T> = {
      kind,
      priority: "low",
      map(object, old, context) {
        // Nobody is answered before they are all known, so what is known first changes nothing.
        if (!context.informers.for(kind).synced) return [];
        return keysOf(concerned(changeOf(object, old)), context);
      },
    };
    return watch;
  };
  return [
    watchOf(ResourceInterpreterCustomization, customizationChange),
    watchOf(ResourceInterpreterWebhookConfiguration, webhookChange),
  ];
}

/** The templates of these kinds that have bindings. */
export function boundTemplates(templates: Templates): KeysOf {
  return (kinds, { informers }) =>
    boundRefs(kinds, templates, informers).map(({ kind, template }) => ({ kind, ...template }));
}

/** The bindings of templates of these kinds. */
export function bindingsOfKinds(templates: Templates): KeysOf {
  return (kinds, { informers }) => boundRefs(kinds, templates, informers).map(({ binding }) => binding);
}

interface Bound {
  readonly kind: Kind;
  readonly template: ObjectRef;
  readonly binding: ReconcileKey;
}

function* boundRefs(
  kinds: readonly Kind[],
  templates: Templates,
  informers: InformerFactory,
): Generator<Bound, undefined, undefined> {
  for (const kind of kinds) {
    for (const template of templates.refs(kind)) {
      const { kind: bindingKind } = bindingScopeOf(template.namespace);
      const ref = { namespace: template.namespace, name: bindingName(kind.kind, template.name) };
      if (informers.for(bindingKind).has(ref)) yield { kind, template, binding: { kind: bindingKind, ...ref } };
    }
  }
}

/** A Work and the object that it carries. */
interface CarriedObject {
  readonly work: ReconcileKey;
  readonly cluster: string;
  readonly kind: Kind;
  readonly ref: ObjectRef;
}

/** The Works that carry objects of these kinds, by their names. */
export function* carriedObjects(
  kinds: readonly Kind[],
  templates: Templates,
  informers: InformerFactory,
): Generator<CarriedObject, undefined, undefined> {
  const works = informers.for(Work);
  const clusters = informers.for(Cluster).refs();
  for (const kind of kinds) {
    for (const ref of templates.refs(kind)) {
      const name = workName(kind.kind, ref.name, ref.namespace);
      for (const { name: cluster } of clusters) {
        const work = { namespace: executionNamespace(cluster), name };
        if (works.has(work)) yield { work: { kind: Work, ...work }, cluster, kind, ref };
      }
    }
  }
}
