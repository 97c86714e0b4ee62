// A write as other versions of its resource have it: who asks for one of them hears of all of them (matchPolicy Equivalent)
// and sees the object in the version that it asks for.
// Upstream: k8s.io/apiserver/pkg/admission/plugin/webhook/{predicates/rules,generic/webhook,generic/conversion}.go.
import { become, type MutableObject } from "#machinery/admission.ts";
import type { AdmissionValues } from "#machinery/cel/admission-environment.ts";
import type { KubeObject } from "#machinery/object.ts";
import { convertOne } from "../crud/converted-values.ts";
import type { ResourceForm } from "../crud/resource-form.ts";
import { asKubeObject, type WriteContext } from "../crud/write-context.ts";
import type { AdmissionTarget } from "./chain.ts";
import { writeValues } from "./expressions.ts";
import type { WriteAttributes } from "./webhooks/match.ts";

/** A write in one version. */
export interface WriteView {
  readonly context: WriteContext;
  readonly target: AdmissionTarget;
}

export interface VersionQuestion<Rule> {
  /** Undefined: every resource. */
  readonly rules: readonly Rule[] | undefined;
  readonly isEquivalent: boolean;
  readonly covers: (rule: Rule, attributes: WriteAttributes) => boolean;
}

/** The version that the rules ask for: the request's own if they do, else the first; undefined: none. */
export function askedVersion<Rule>(
  { core, form }: WriteContext,
  attributes: WriteAttributes,
  { rules, isEquivalent, covers }: VersionQuestion<Rule>,
): ResourceForm | undefined {
  if (rules === undefined || rules.some((rule) => covers(rule, attributes))) return form;
  if (!isEquivalent) return undefined;
  const others = core.registry.versionsOf(form.resource).filter((each) => each !== form.resource);
  for (const rule of rules) {
    const found = others.find(({ kind }) => covers(rule, { ...attributes, resource: kind }));
    if (found !== undefined) return core.forms.of(found);
  }
  return undefined;
}

/** The write as that version has it; itself where it is its own. */
export async function inVersion({ context, target }: WriteView, form: ResourceForm): Promise<WriteView> {
  if (form === context.form) return { context, target };
  const convert = (object: KubeObject | MutableObject | undefined): Promise<MutableObject> | undefined =>
    object === undefined ? undefined : convertBetween(context.form, form, object);
  const [object, old] = [await convert(target.object), await convert(target.old)];
  const seen = { object, old: old && asKubeObject(old), requested: context.form.resource.kind };
  return { context: { ...context, form }, target: { ...target, ...seen } };
}

export interface ValuedView {
  readonly seen: WriteView;
  /** What expressions see of it, made when the first asks. */
  readonly values: () => AdmissionValues;
}

/** The write in the versions that are asked for, each made once. */
export function viewsOf(write: WriteView): (form: ResourceForm) => Promise<ValuedView> {
  const views = new Map<ResourceForm, ValuedView>();
  return async (form) => {
    const known = views.get(form);
    if (known !== undefined) return known;
    const seen = await inVersion(write, form);
    const view = { seen, values: valuesOnce(seen) };
    views.set(form, view);
    return view;
  };
}

/** Views of the objects: they show what is changed in place. */
export function valuesOnce({ context, target }: WriteView): () => AdmissionValues {
  let values: AdmissionValues | undefined;
  return () => (values ??= writeValues(context, target));
}

/** Takes over into `target` what has become of the object in another version. */
export async function takeOver({ context, target }: WriteView, seen: WriteView): Promise<void> {
  if (seen.target === target || target.object === undefined || seen.target.object === undefined) return;
  become(target.object, await convertBetween(seen.context.form, context.form, seen.target.object));
  target.managed = seen.target.managed;
}

async function convertBetween(
  from: ResourceForm,
  to: ResourceForm,
  object: KubeObject | MutableObject,
): Promise<MutableObject> {
  const copy = from.edit(object);
  const { stored } = from.resource;
  if (stored?.convert !== undefined) return convertOne(stored.convert, copy, to.apiVersion);
  stored?.close(copy);
  to.resource.stored?.open(copy);
  copy.apiVersion = to.apiVersion;
  return copy;
}
