// Everything that an override rule does, as a list of steps in the order in which they are done.
// Upstream: karmada pkg/util/overridemanager/overridemanager.go (applyPolicyOverriders).
import type { FieldOverrider, Overriders } from "#api/policy/override-policy.ts";
import type { KubeObject } from "#machinery/object.ts";
import { overrideCommandArgs } from "./command-args.ts";
import type { DocumentMemo } from "./document-memo.ts";
import { overrideField } from "./field.ts";
import { overrideImages } from "./image.ts";
import { overrideKeys } from "./labels-annotations.ts";
import { patchValue } from "./patch-value.ts";

export interface Step {
  /** `imageOverrider[0]`. */
  readonly place: string;
  /** The field that it is about; undefined where the overrider names none. */
  readonly path: string | undefined;
  /** The overrider, if it is a fieldOverrider. */
  readonly field?: FieldOverrider;
  /** Throws OverrideFailure. */
  readonly apply: (manifest: KubeObject) => unknown;
}

/** In upstream's order, whatever the order in the policy. */
export function stepsOf(overriders: Overriders, memo?: DocumentMemo): readonly Step[] {
  return [
    ...placed("imageOverrider", overriders.imageOverrider, (item) => ({
      path: item.predicate?.path,
      apply: (manifest) => overrideImages(manifest, item),
    })),
    ...placed("commandOverrider", overriders.commandOverrider, (item) => ({
      path: undefined,
      apply: (manifest) => overrideCommandArgs(manifest, "command", item),
    })),
    ...placed("argsOverrider", overriders.argsOverrider, (item) => ({
      path: undefined,
      apply: (manifest) => overrideCommandArgs(manifest, "args", item),
    })),
    ...placed("labelsOverrider", overriders.labelsOverrider, (item) => ({
      path: "/metadata/labels",
      apply: (manifest) => overrideKeys(manifest, "labels", item),
    })),
    ...placed("annotationsOverrider", overriders.annotationsOverrider, (item) => ({
      path: "/metadata/annotations",
      apply: (manifest) => overrideKeys(manifest, "annotations", item),
    })),
    ...placed("fieldOverrider", overriders.fieldOverrider, (item) => ({
      path: item.fieldPath,
      field: item,
      apply: (manifest) => overrideField(manifest, item, memo),
    })),
    ...placed("plaintext", overriders.plaintext, (item) => ({
      path: item.path,
      apply: (manifest) => patchValue(manifest, item),
    })),
  ];
}

function placed<T>(
  name: keyof Overriders,
  items: readonly T[] | undefined,
  stepOf: (item: T) => Omit<Step, "place">,
): readonly Step[] {
  return (items ?? []).map((item, index) => ({ place: `${name}[${index}]`, ...stepOf(item) }));
}
