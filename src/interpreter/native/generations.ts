// Generations across clusters: which generation of the template a member's status speaks of, and from that whether the
// template may say that its latest generation has been observed. Upstream: karmada v1.11,
// pkg/resourceinterpreter/default/native/{reflectstatus,aggregatestatus}.go.
import { karmadaAnnotations } from "#api/karmada-constants.ts";
import type { AggregatedStatusItem } from "#api/work/binding.ts";
import { type KubeObject, refKey } from "#machinery/object.ts";
import { count, type MemberStatus, memberStatuses, replaceFields, sums, withStatus } from "./member-status.ts";

interface Counters {
  /** Written even if 0. */
  readonly always?: readonly string[];
  readonly unlessZero: readonly string[];
}

/** The fields of a workload's status that travel, with the generation in the member and that of the template. */
export function reflectWithGenerations(
  object: KubeObject,
  status: object | undefined,
  counters: Counters,
): MemberStatus | undefined {
  if (status === undefined) return undefined;
  const fields: MemberStatus = { ...status };
  return {
    ...nonZero("generation", object.metadata.generation ?? 0),
    ...nonZero("resourceTemplateGeneration", templateGeneration(object)),
    ...nonZero("observedGeneration", count(fields, "observedGeneration")),
    ...sums([fields], counters),
  };
}

/** The template with its members' counters added up; conditions and whatever else its status has are kept. */
export function aggregateWithGenerations(
  object: KubeObject,
  status: object | undefined,
  items: readonly AggregatedStatusItem[] | undefined,
  counters: Counters,
): KubeObject {
  const statuses = memberStatuses(items);
  const own: MemberStatus = { ...status };
  const observed = observedGeneration(object.metadata.generation ?? 0, own, items);
  const names = [...(counters.always ?? []), ...counters.unlessZero, "observedGeneration"];
  const values = { ...nonZero("observedGeneration", observed), ...sums(statuses, counters) };
  return withStatus(object, replaceFields(own, names, values));
}

/**
 * The template's generation once every member has acted on it: its object comes from that generation, and the member's
 * own controller has seen that object. Until then what the template said before. No items at all satisfy it.
 */
export function observedGeneration(
  generation: number,
  own: MemberStatus,
  items: readonly AggregatedStatusItem[] | undefined,
): number {
  const statuses = memberStatuses(items);
  const upToDate = statuses.filter(
    (status) =>
      count(status, "observedGeneration") >= count(status, "generation") &&
      count(status, "resourceTemplateGeneration") >= generation,
  );
  return upToDate.length === (items ?? []).length ? generation : count(own, "observedGeneration");
}

/** Without the annotation nothing can be said about generations, so a missing one is an error, not 0. */
function templateGeneration(object: KubeObject): number {
  const value = object.metadata.annotations?.[karmadaAnnotations.templateGeneration] ?? "";
  if (!/^-?\d+$/.test(value)) {
    const name = `${object.kind} ${refKey(object.metadata)}`;
    throw new Error(
      `annotation ${karmadaAnnotations.templateGeneration} of ${name} is not a number: ${JSON.stringify(value)}`,
    );
  }
  return Number(value);
}

export function nonZero(name: string, value: number): Record<string, number> {
  return value === 0 ? {} : { [name]: value };
}
