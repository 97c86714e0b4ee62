// Changing a field deep inside an object without touching the object: only the way to the field is copied.
import { isRecord } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";

type Fields = Readonly<Record<string, unknown>>;

/** `object` with `value` at `path`; maps on the way are made where there are none. */
export function withField(object: KubeObject, path: readonly [string, ...string[]], value: unknown): KubeObject {
  const [head, ...tail] = path;
  return { ...object, [head]: placed(object[head], tail, value) };
}

function placed(current: unknown, path: readonly string[], value: unknown): unknown {
  const [head, ...tail] = path;
  if (head === undefined) return value;
  const fields: Fields = isRecord(current) ? current : {};
  return { ...fields, [head]: placed(Object.hasOwn(fields, head) ? fields[head] : undefined, tail, value) };
}

/** `fields` without those named. */
export function withoutFields(fields: object, ...names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}
