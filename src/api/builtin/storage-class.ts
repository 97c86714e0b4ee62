// Which storage class a volume or a claim is of, and which class is the default. Pure.
// Upstream: kubernetes pkg/apis/core/v1/helper/helpers.go (GetPersistentVolumeClass), pkg/apis/storage/v1/util/helpers.go.
import { isString } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import { childOf, type Fields, textMapOf } from "./access.ts";

/** What the field was before there was the field; it goes before it. */
const classAnnotation = "volume.beta.kubernetes.io/storage-class";
const defaultAnnotations = [
  "storageclass.kubernetes.io/is-default-class",
  "storageclass.beta.kubernetes.io/is-default-class",
] as const;

/** The class that a volume or a claim names; undefined: it leaves that to others. */
export function storageClassOf(holder: Readonly<Fields>): string | undefined {
  const annotations = textMapOf(childOf(holder, "metadata"), "annotations");
  const named = annotations[classAnnotation] ?? childOf(holder, "spec")?.["storageClassName"];
  return isString(named) ? named : undefined;
}

export function isDefaultStorageClass({ metadata }: KubeObject): boolean {
  return defaultAnnotations.some((annotation) => metadata.annotations?.[annotation] === "true");
}
