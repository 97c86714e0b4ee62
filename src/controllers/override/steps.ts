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
    ...(overriders.imageOverrider ?? []).map((item, index): Step => ({
      place: `imageOverrider[${index}]`,
      path: item.predicate?.path,
      apply: (manifest) => overrideImages(manifest, item),
    })),
    ...(overriders.commandOverrider ?? []).map((item, index): Step => ({
      place: `commandOverrider[${index}]`,
      path: undefined,
      apply: (manifest) => overrideCommandArgs(manifest, "command", item),
    })),
    ...(overriders.argsOverrider ?? []).map((item, index): Step => ({
      place: `argsOverrider[${index}]`,
      path: undefined,
      apply: (manifest) => overrideCommandArgs(manifest, "args", item),
    })),
    ...(overriders.labelsOverrider ?? []).map((item, index): Step => ({
      place: `labelsOverrider[${index}]`,
      path: "/metadata/labels",
      apply: (manifest) => overrideKeys(manifest, "labels", item),
    })),
    ...(overriders.annotationsOverrider ?? []).map((item, index): Step => ({
      place: `annotationsOverrider[${index}]`,
      path: "/metadata/annotations",
      apply: (manifest) => overrideKeys(manifest, "annotations", item),
    })),
    ...(overriders.fieldOverrider ?? []).map((item, index): Step => ({
      place: `fieldOverrider[${index}]`,
      path: item.fieldPath,
      field: item,
      apply: (manifest) => overrideField(manifest, item, memo),
    })),
    ...(overriders.plaintext ?? []).map((item, index): Step => ({
      place: `plaintext[${index}]`,
      path: item.path,
      apply: (manifest) => patchValue(manifest, item),
    })),
  ];
}
