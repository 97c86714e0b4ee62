// The interpreter of a control plane: what its users say about kinds, before what ships with Karmada.
import type { InformerFactory } from "#client/informer.ts";
import type { Logger } from "#std/logger.ts";
import type { Clock } from "#std/time.ts";
import { customizationSource } from "./customized/customization-source.ts";
import { informedCustomizations } from "./customized/customizations.ts";
import { quickScripts, type ScriptEngine } from "./customized/script-engine.ts";
import { threadScripts } from "./customized/script-thread.ts";
import { createInterpreter, type Interpreter } from "./interpreter.ts";

export interface StartInterpreterOptions {
  /** Of the control plane. */
  readonly informers: InformerFactory;
  readonly clock: Clock;
  readonly log: Logger;
  /** Ends the thread of scripts, and who waits. */
  readonly signal: AbortSignal;
  /** Runs the scripts that are not quick. Absent: a thread of their own. */
  readonly thoroughScripts?: ScriptEngine;
}

/** Follows the customizations of a control plane: each change counts from the next operation on. */
export function startInterpreter(options: StartInterpreterOptions): Interpreter {
  const { informers, clock, signal } = options;
  const log = options.log.child({ component: "interpreter" });
  const engine = quickScripts(clock, options.thoroughScripts ?? threadScripts(clock, signal));
  const customizations = customizationSource(informedCustomizations(informers), { engine, log });
  return createInterpreter({ clock, sources: [customizations], signal });
}
