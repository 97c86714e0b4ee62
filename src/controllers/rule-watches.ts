// What is looked at again when users change how kinds are interpreted: what there is of the kinds that the change is about,
// after all else. Upstream waits for another reason to look at them.
import { ResourceInterpreterCustomization } from "#api/config/resource-interpreter-customization.ts";
import { ResourceInterpreterWebhookConfiguration } from "#api/config/resource-interpreter-webhook-configuration.ts";
import { bindingName, clusterOfExecutionNamespace, workName } from "#api/karmada-names.ts";
import { Work } from "#api/work/work.ts";
import type { InformerFactory } from "#client/informer.ts";
import type { Operation } from "#interpreter/interpretation.ts";
import { customizationChange, type RuleChange, webhookChange } from "#interpreter/rule-change.ts";
import { type Kind, type KubeObject, type ObjectRef, refKey } from "#machinery/object.ts";
import type { ControllerContext, ReconcileKey, Watch } from "#runtime/controller.ts";
import { bindingScopeOf, bindingScopes } from "./binding-scope.ts";
import type { Templates } from "./templates.ts";

/** Objects are only named, never read: there may be very many of them. */
type KeysOf = (kinds: readonly Kind[], context: ControllerContext) => readonly ReconcileKey[];

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
  return (kinds, { informers }) =>
    boundRefs(kinds, templates, informers).map(({ binding }) => ({
      kind: bindingScopeOf(binding.namespace).kind,
      ...binding,
    }));
}

interface Bound {
  readonly kind: Kind;
  readonly template: ObjectRef;
  readonly binding: ObjectRef;
}

function boundRefs(kinds: readonly Kind[], templates: Templates, informers: InformerFactory): readonly Bound[] {
  if (kinds.length === 0) return [];
  const known = new Map(bindingScopes.map(({ kind }) => [kind, new Set(informers.for(kind).refs().map(refKey))]));
  return kinds.flatMap((kind) =>
    templates.refs(kind).flatMap((template) => {
      const binding = { namespace: template.namespace, name: bindingName(kind.kind, template.name) };
      const isThere = known.get(bindingScopeOf(template.namespace).kind)?.has(refKey(binding)) === true;
      return isThere ? [{ kind, template, binding }] : [];
    }),
  );
}

/** A Work and the object that it carries. */
export interface CarriedObject {
  readonly work: ReconcileKey;
  readonly cluster: string;
  readonly kind: Kind;
  readonly ref: ObjectRef;
}

/** The Works that carry objects of these kinds, by their names. */
export function carriedObjects(
  kinds: readonly Kind[],
  templates: Templates,
  informers: InformerFactory,
): readonly CarriedObject[] {
  if (kinds.length === 0) return [];
  const byName = new Map(
    kinds.flatMap((kind) =>
      templates.refs(kind).map((ref) => [workName(kind.kind, ref.name, ref.namespace), { kind, ref }] as const),
    ),
  );
  return informers
    .for(Work)
    .refs()
    .flatMap(({ namespace, name }) => {
      const carried = byName.get(name);
      const cluster = clusterOfExecutionNamespace(namespace ?? "");
      if (carried === undefined || cluster === undefined) return [];
      return [{ work: { kind: Work, namespace, name }, cluster, ...carried }];
    });
}
