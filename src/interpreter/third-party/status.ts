// How the status of a kind travels and adds up, said as a list of its fields.
// Upstream: karmada pkg/resourceinterpreter/default/thirdparty/resourcecustomizations (statusReflection, statusAggregation).
import { karmadaAnnotations } from "#api/karmada-constants.ts";
import type { AggregatedStatusItem } from "#api/work/binding.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { Interpretation } from "../interpretation.ts";
import { nonZero, observedGeneration } from "../native/generations.ts";
import {
  count,
  type MemberStatus,
  memberStatuses,
  replaceFields,
  sums,
  text,
  withStatus,
} from "../native/member-status.ts";
import { records, statusOf } from "./reading.ts";

interface StatusFields {
  /** Counters: added up. */
  readonly sums?: readonly string[];
  /** Of the last member that has a value. */
  readonly last?: readonly string[];
  /** Equal conditions of several members become one whose message says which member said what. */
  readonly mergesConditions?: boolean;
  /** The template's generation counts as observed once it has been in every member. */
  readonly tracksGenerations?: boolean;
  /** Reflected, but not aggregated. */
  readonly reflectedOnly?: readonly string[];
}

/** The hooks for a status with these fields. Other fields of a template's status stay as they are. */
export function statusHooks(fields: StatusFields): Required<Pick<Interpretation, "reflectStatus" | "aggregateStatus">> {
  const { mergesConditions = false, tracksGenerations = false, reflectedOnly = [] } = fields;
  const aggregated = [
    ...(fields.sums ?? []),
    ...(fields.last ?? []),
    ...(mergesConditions ? ["conditions"] : []),
    ...(tracksGenerations ? ["observedGeneration"] : []),
  ];
  const reflected = [...aggregated, ...reflectedOnly];
  return {
    reflectStatus(object) {
      const status = statusOf(object);
      if (status === undefined) return undefined;
      return { ...picked(status, reflected), ...(tracksGenerations ? generationsOf(object) : {}) };
    },
    aggregateStatus(object, items) {
      const statuses = memberStatuses(items);
      const own = statusOf(object) ?? {};
      const observed = tracksGenerations ? observedGeneration(object.metadata.generation ?? 0, own, items) : 0;
      const conditions = mergesConditions ? mergedConditions(items ?? []) : [];
      const values: MemberStatus = {
        ...sums(statuses, { always: fields.sums ?? [], unlessZero: [] }),
        ...lastOf(statuses, fields.last ?? []),
        ...(conditions.length === 0 ? {} : { conditions }),
        ...nonZero("observedGeneration", observed),
      };
      return withStatus(object, replaceFields(own, aggregated, values));
    },
  };
}

function picked(status: MemberStatus, names: readonly string[]): MemberStatus {
  const present = names.filter((name) => Object.hasOwn(status, name));
  return Object.fromEntries(present.map((name) => [name, status[name]]));
}

/** The generation in the member and the one of the template that it comes from. */
function generationsOf(object: KubeObject): MemberStatus {
  const template = object.metadata.annotations?.[karmadaAnnotations.templateGeneration] ?? "";
  return {
    ...nonZero("generation", object.metadata.generation ?? 0),
    ...(/^\d+$/.test(template) ? { resourceTemplateGeneration: Number(template) } : {}),
  };
}

function lastOf(statuses: readonly MemberStatus[], names: readonly string[]): MemberStatus {
  return Object.fromEntries(
    names.flatMap((name) => {
      const values = statuses.map((status) => status[name]).filter((value) => (value ?? "") !== "");
      return values.length === 0 ? [] : [[name, values.at(-1)]];
    }),
  );
}

function mergedConditions(items: readonly AggregatedStatusItem[]): readonly MemberStatus[] {
  const merged = new Map<string, MemberStatus>();
  for (const { clusterName, status } of items) {
    for (const condition of records(status?.["conditions"])) {
      const key = JSON.stringify([condition["type"], condition["status"], condition["reason"]]);
      const message = `${clusterName}=${text(condition, "message")}`;
      const known = merged.get(key);
      merged.set(
        key,
        known === undefined
          ? { ...condition, message }
          : { ...known, message: `${text(known, "message")}, ${message}` },
      );
    }
  }
  return [...merged.values()];
}

/** A template of which nothing is known any more. (Upstream leaves what was known last.) */
export function withoutStatus(object: KubeObject): KubeObject {
  return statusOf(object) === undefined ? object : withStatus(object, {});
}

/** Whether a condition of this type is True, for one of these reasons if any are given. */
export function conditionHolds(status: MemberStatus | undefined, type: string, reasons?: readonly string[]): boolean {
  return records(status?.["conditions"]).some(
    (condition) =>
      condition["type"] === type &&
      condition["status"] === "True" &&
      (reasons === undefined || reasons.includes(text(condition, "reason"))),
  );
}

/** All replicas updated and available, said of the generation that is there now. */
export function replicasAreHealthy(object: KubeObject, replicas: number | undefined): boolean {
  const status = statusOf(object);
  if (status === undefined || count(status, "observedGeneration") !== (object.metadata.generation ?? 0)) return false;
  const updated = count(status, "updatedReplicas");
  return updated >= (replicas ?? 0) && count(status, "availableReplicas") >= updated;
}
