// The interpreter of a control plane: what its users say about kinds, before what ships with Karmada.
import type { Client } from "#client/client.ts";
import type { InformerFactory } from "#client/informer.ts";
import { httpsWebhookCaller, type WebhookCaller } from "#client/webhook-caller.ts";
import type { Logger } from "#std/logger.ts";
import type { Random } from "#std/random.ts";
import type { Clock } from "#std/time.ts";
import { customizationSource } from "./customized/customization-source.ts";
import { informedCustomizations } from "./customized/customizations.ts";
import { quickScripts, type ScriptEngine } from "./customized/script-engine.ts";
import { threadScripts } from "./customized/script-thread.ts";
import { createInterpreter, type Interpreter } from "./interpreter.ts";
import { webhookSource } from "./webhook/webhook-source.ts";

export interface StartInterpreterOptions {
  /** Of the control plane, as are the informers. */
  readonly client: Client;
  readonly informers: InformerFactory;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Ends the thread of scripts, connections to webhooks, and who waits. */
  readonly signal: AbortSignal;
  /** Runs the scripts that are not quick. Absent: a thread of their own. */
  readonly thoroughScripts?: ScriptEngine;
  /** Asks webhooks. Absent: over HTTPS. */
  readonly webhookCaller?: WebhookCaller;
}

/** Follows the customizations and webhooks of a control plane: each change counts from the next operation on. */
export function startInterpreter(options: StartInterpreterOptions): Interpreter {
  const { client, informers, clock, random, signal, webhookCaller: caller = httpsWebhookCaller() } = options;
  const log = options.log.child({ component: "interpreter" });
  const engine = quickScripts(clock, options.thoroughScripts ?? threadScripts(clock, signal));
  const customizations = customizationSource(informedCustomizations(informers), { engine, log });
  const webhooks = webhookSource(informers, { client, caller, clock, random, signal });
  signal.addEventListener("abort", () => void caller.close());
  return createInterpreter({ clock, sources: [customizations, webhooks], signal });
}
