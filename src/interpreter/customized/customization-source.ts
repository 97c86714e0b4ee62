// Customizations in Lua as hooks. Upstream: karmada pkg/resourceinterpreter/customized/declarative/configurable.go.
import type { Hooks } from "../interpretation.ts";
import type { HookSource } from "../interpreter.ts";
import type { Customizations, KindScripts } from "./customizations.ts";
import { scriptedHooks, type ScriptedHooksOptions } from "./scripted-hooks.ts";

/** The hooks of the kinds that customizations are about. */
export function customizationSource(customizations: Customizations, options: ScriptedHooksOptions): HookSource {
  const made = new WeakMap<KindScripts, Hooks>();
  return {
    get synced() {
      return customizations.synced;
    },
    waitForSync: (signal) => customizations.waitForSync(signal),
    hooks(kind) {
      const scripts = customizations.of(kind);
      if (scripts === undefined) return undefined;
      const known = made.get(scripts);
      if (known !== undefined) return known;
      const hooks = scriptedHooks(scripts, options);
      made.set(scripts, hooks);
      return hooks;
    },
  };
}
