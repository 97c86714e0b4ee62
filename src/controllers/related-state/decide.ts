// State of an application that lies in objects beside it, such as the newest completed snapshot of a job. Pure.
// Ours: Karmada preserves what is in the application's own status (asked for in karmada issue 5006).
import { karmadaAnnotations } from "#api/karmada-constants.ts";
import type { RelatedResource, StatePreservationRule } from "#api/policy/failover.ts";
import type { Binding } from "#api/work/binding.ts";
import { isRecord, isString } from "#machinery/guards.ts";
import { parseJsonPath } from "#machinery/jsonpath.ts";
import type { KubeObject } from "#machinery/object.ts";
import { parseTime } from "#std/time.ts";
import { rememberedValue, withAnnotation } from "../binding-annotations.ts";

/** A rule whose state is in a related resource. */
export interface RelatedRule extends StatePreservationRule {
  readonly relatedResource: RelatedResource;
}

/** Values by label. */
export type RelatedState = Readonly<Record<string, string>>;

/** The rules of a binding that look at related resources. */
export function relatedRules({ spec: { failover } }: Binding): readonly RelatedRule[] {
  const rules = [failover?.application, failover?.cluster].flatMap((each) => each?.statePreservation?.rules ?? []);
  return rules.flatMap(({ relatedResource, ...rule }) =>
    relatedResource === undefined ? [] : [{ ...rule, relatedResource }],
  );
}

/** What a rule's conditions may refer to. */
export function applicationOf({ spec, status }: Binding, cluster: string): Readonly<Record<string, unknown>> {
  const { name, namespace } = spec.resource;
  const item = status?.aggregatedStatus?.find(({ clusterName }) => clusterName === cluster);
  return { metadata: { name, namespace }, status: item?.status ?? {} };
}

/** What the rule finds in the objects that a cluster has; undefined: nothing that counts, or no value in it. */
export function relatedValue(
  { jsonPath, relatedResource }: RelatedRule,
  objects: readonly KubeObject[],
  application: Readonly<Record<string, unknown>>,
): string | undefined {
  const { where = [], select = "Newest", newestBy = "{.metadata.creationTimestamp}" } = relatedResource;
  const counting = objects.filter((object) =>
    where.every((condition) => valueAt(condition.jsonPath, object) === valueAt(condition.value, application)),
  );
  if (counting.length === 0) return undefined;
  if (select === "Newest") {
    const ages = counting.map((object) => ({ object, age: valueAt(newestBy, object) }));
    const [newest] = ages.sort((left, right) => -compareAges(left.age, right.age));
    return newest === undefined ? undefined : valueAt(jsonPath, newest.object);
  }
  const items = [...counting].sort((left, right) => (left.metadata.name < right.metadata.name ? -1 : 1));
  return valueAt(jsonPath, { items });
}

/** Undefined where the value is missing or empty, or the path fits nothing. */
function valueAt(template: string, data: unknown): string | undefined {
  try {
    const text = parseJsonPath(template, { allowMissingKeys: false }).print(data);
    return text === "" ? undefined : text;
  } catch {
    return undefined;
  }
}

/** Times and numbers by what they mean, other texts as they are; nothing comes before something. */
function compareAges(left: string | undefined, right: string | undefined): number {
  if (left === undefined || right === undefined) return Number(left !== undefined) - Number(right !== undefined);
  const [a, b] = [ageOf(left), ageOf(right)];
  if (a !== undefined && b !== undefined) return a - b;
  return left < right ? -1 : Number(left > right);
}

function ageOf(text: string): number | undefined {
  return parseTime(text) ?? (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined);
}

/** What was last seen in a cluster. */
export function rememberedState(binding: Binding, cluster: string): RelatedState {
  return allRemembered(binding).get(cluster) ?? {};
}

/** The binding with what was seen in clusters just now; others that it still goes to stay as they were remembered. */
export function withRelatedState(binding: Binding, seen: ReadonlyMap<string, RelatedState>): Binding {
  const targets = new Set((binding.spec.clusters ?? []).map(({ name }) => name));
  const all = new Map([...allRemembered(binding), ...seen].filter(([cluster]) => targets.has(cluster)));
  const entries = [...all]
    .filter(([, state]) => Object.keys(state).length > 0)
    .sort(([left], [right]) => (left < right ? -1 : 1));
  const text =
    relatedRules(binding).length === 0 || entries.length === 0
      ? undefined
      : JSON.stringify(Object.fromEntries(entries));
  return withAnnotation(binding, karmadaAnnotations.relatedState, text);
}

function allRemembered(binding: Binding): ReadonlyMap<string, RelatedState> {
  const value = rememberedValue(binding, karmadaAnnotations.relatedState);
  return new Map(isRecord(value) ? Object.entries(value).map(([cluster, state]) => [cluster, textsOf(state)]) : []);
}

function textsOf(state: unknown): RelatedState {
  const entries = isRecord(state) ? Object.entries(state) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => isString(entry[1])));
}
