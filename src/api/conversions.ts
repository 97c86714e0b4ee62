// How our own API server converts custom kinds between versions, in its own process. On a foreign one the webhook does it.
import type { KubeObject } from "#machinery/object.ts";
import { bindingVersions, convertBinding } from "./work/binding-conversion.ts";
import { ClusterResourceBinding, ResourceBinding } from "./work/binding.ts";

export interface Conversion {
  /** The versions, as `apiVersion`, between which it converts. */
  readonly versions: readonly string[];
  convert(object: KubeObject, apiVersion: string): KubeObject;
}

/** By the name of the CustomResourceDefinition. */
export const customConversions: ReadonlyMap<string, Conversion> = new Map(
  [ResourceBinding, ClusterResourceBinding].map(({ plural, group }) => [
    `${plural}.${group}`,
    { versions: bindingVersions, convert: convertBinding },
  ]),
);
