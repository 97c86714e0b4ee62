// Reading the statuses that came back from members, and writing the one made of them.
import type { AggregatedStatusItem } from "#api/work/binding.ts";
import { deepEqual } from "#machinery/equality.ts";
import { isRecord, isString } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import { withoutFields } from "../edit.ts";

export type MemberStatus = Readonly<Record<string, unknown>>;

/** The statuses that are there. A member whose status has not come back yet has none. */
export function memberStatuses(items: readonly AggregatedStatusItem[] | undefined): readonly MemberStatus[] {
  return (items ?? []).flatMap(({ status }) => (isRecord(status) ? [status] : []));
}

/** The status of the only member, once it is back. One of several that alone has a status is not meant. */
export function soleStatus(items: readonly AggregatedStatusItem[] | undefined): MemberStatus | undefined {
  return items?.length === 1 ? memberStatuses(items)[0] : undefined;
}

/** A counter; absent is 0. */
export function count(status: MemberStatus, name: string): number {
  const value = status[name];
  return typeof value === "number" ? value : 0;
}

/** A text; absent is empty. */
export function text(status: MemberStatus, name: string): string {
  const value = status[name];
  return isString(value) ? value : "";
}

/** The sum of each counter. Go leaves out an optional counter that is 0, so `always` names those that are never left out. */
export function sums(
  statuses: readonly MemberStatus[],
  counters: { readonly always?: readonly string[]; readonly unlessZero: readonly string[] },
): Record<string, number> {
  const total = (name: string): number => statuses.reduce((sum, status) => sum + count(status, name), 0);
  const always = (counters.always ?? []).map((name) => [name, total(name)] as const);
  const others = counters.unlessZero.map((name) => [name, total(name)] as const).filter(([, sum]) => sum !== 0);
  return Object.fromEntries([...always, ...others]);
}

/** `object` with this status; the object itself when it has it already. */
export function withStatus(object: KubeObject, status: MemberStatus): KubeObject {
  return deepEqual(object["status"], status) ? object : { ...object, status };
}

/** The status with the fields `names` as in `values` (absent there: absent), and every other field kept. */
export function replaceFields(status: MemberStatus, names: readonly string[], values: MemberStatus): MemberStatus {
  return { ...withoutFields(status, ...names), ...values };
}
