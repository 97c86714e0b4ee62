// The customizations that there are, by kind. Upstream: karmada
// pkg/resourceinterpreter/customized/declarative/configmanager/manager.go.
import { ResourceInterpreterCustomization } from "#api/config/resource-interpreter-customization.ts";
import type { Informer, InformerFactory } from "#client/informer.ts";
import type { GroupVersionKind } from "#machinery/object.ts";
import { kindKey, type Operation, operations } from "../interpretation.ts";
import { scriptOf } from "./scripts.ts";

export interface CustomizationScript {
  readonly customization: string;
  readonly script: string;
}

/** The scripts for a kind, by operation: the first one counts, but dependencies are of all. */
export type KindScripts = ReadonlyMap<Operation, readonly CustomizationScript[]>;

export interface Customizations {
  /** Whether they are all known. */
  readonly synced: boolean;
  waitForSync(signal: AbortSignal): Promise<void>;
  of(kind: GroupVersionKind): KindScripts | undefined;
}

/** Those of a control plane, as they are now: each change counts from the next question on. */
export function informedCustomizations(informers: InformerFactory): Customizations {
  const informer: Informer<ResourceInterpreterCustomization> = informers.for(ResourceInterpreterCustomization);
  let byKind: ReadonlyMap<string, KindScripts> | undefined;
  informer.onEvent(() => {
    byKind = undefined;
  });
  return {
    get synced() {
      return informer.synced;
    },
    waitForSync: (signal) => informer.waitForSync(signal),
    of: (kind) => (byKind ??= scriptsByKind(informer.list())).get(kindKey(kind)),
  };
}

/** Those that are given, for programs without a control plane. */
export function givenCustomizations(list: readonly ResourceInterpreterCustomization[]): Customizations {
  const byKind = scriptsByKind(list);
  return { synced: true, waitForSync: () => Promise.resolve(), of: (kind) => byKind.get(kindKey(kind)) };
}

/** By the names of the customizations, so that two for a kind and operation always mean the same. */
function scriptsByKind(list: readonly ResourceInterpreterCustomization[]): ReadonlyMap<string, KindScripts> {
  const byKind = new Map<string, Map<Operation, CustomizationScript[]>>();
  const sorted = [...list].sort((left, right) => (left.metadata.name < right.metadata.name ? -1 : 1));
  for (const { metadata, spec } of sorted) {
    const key = `${spec.target.apiVersion}/${spec.target.kind}`;
    const ofKind = byKind.get(key) ?? new Map<Operation, CustomizationScript[]>();
    byKind.set(key, ofKind);
    for (const operation of operations) {
      const script = spec.customizations[scriptOf(operation).field]?.luaScript ?? "";
      if (script === "") continue;
      ofKind.set(operation, [...(ofKind.get(operation) ?? []), { customization: metadata.name, script }]);
    }
  }
  return byKind;
}
