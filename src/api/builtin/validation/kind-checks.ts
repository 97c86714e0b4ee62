// What a kind checks: on its own, against what it was, and its status against what it was.
import type { FieldError } from "#machinery/field-error.ts";
import type { KubeObject } from "#machinery/object.ts";

export interface KindChecks {
  /** Also runs on updates. */
  readonly validate?: (object: KubeObject) => readonly FieldError[];
  readonly validateUpdate?: (object: KubeObject, old: KubeObject) => readonly FieldError[];
  readonly validateStatusUpdate?: (object: KubeObject, old: KubeObject) => readonly FieldError[];
}

export type ChecksByKind = Readonly<Record<string, KindChecks>>;
