// Interpreter webhooks as hooks. Upstream: karmada pkg/resourceinterpreter/customized/webhook/customized.go.
import { ResourceInterpreterWebhookConfiguration } from "#api/config/resource-interpreter-webhook-configuration.ts";
import type { InformerFactory } from "#client/informer.ts";
import { deepEqual } from "#machinery/equality.ts";
import type { GroupVersionKind, KubeObject } from "#machinery/object.ts";
import { operationNames } from "../customized/scripts.ts";
import { type Hooks, kindKey, operations } from "../interpretation.ts";
import type { HookSource } from "../interpreter.ts";
import { type AskOptions, askWebhook } from "./ask.ts";
import {
  type Answer,
  componentsAnswer,
  dependenciesAnswer,
  healthAnswer,
  patchedBy,
  type Question,
  replicasAnswer,
  statusAnswer,
} from "./context.ts";
import { type NamedWebhook, webhookFor, webhooksInOrder } from "./match.ts";

/** The hooks of kinds that webhooks are asked about: each change of a configuration counts from the next question on. */
export function webhookSource(informers: InformerFactory, options: AskOptions): HookSource {
  const informer = informers.for(ResourceInterpreterWebhookConfiguration);
  let webhooks: readonly NamedWebhook[] | undefined;
  const byKind = new Map<string, Hooks | undefined>();
  informer.onEvent(() => {
    webhooks = undefined;
    byKind.clear();
  });
  return {
    get synced() {
      return informer.synced;
    },
    waitForSync: (signal) => informer.waitForSync(signal),
    hooks(kind) {
      webhooks ??= webhooksInOrder(informer.list());
      if (webhooks.length === 0) return undefined;
      const key = kindKey(kind);
      if (!byKind.has(key)) byKind.set(key, hooksOf(webhooks, kind, options));
      return byKind.get(key);
    },
  };
}

function hooksOf(webhooks: readonly NamedWebhook[], kind: GroupVersionKind, options: AskOptions): Hooks | undefined {
  const found = operations.flatMap((operation) => {
    const webhook = webhookFor(webhooks, operationNames[operation], kind);
    if (webhook === undefined) return [];
    const ask = async <T>(question: Omit<Question, "operation">, read: (answer: Answer) => T): Promise<T> => {
      return await askWebhook(webhook, { ...question, operation: operationNames[operation] }, options, read);
    };
    return [[operation, askingHooks(ask)[operation]] as const];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

type Ask = <T>(question: Omit<Question, "operation">, read: (answer: Answer) => T) => Promise<T>;

function askingHooks(ask: Ask): Required<Hooks> {
  return {
    getReplicas: (object) => ask({ object }, replicasAnswer),
    getComponents: (object) => ask({ object }, componentsAnswer),
    reviseReplica: (object, replicas) => ask({ object, replicas }, (answer) => patchedBy(answer, object)),
    retain: (desired, observed) => ask({ object: desired, observed }, (answer) => patchedBy(answer, desired)),
    aggregateStatus: (object, items) =>
      ask({ object, items }, (answer) => withStatusOf(object, patchedBy(answer, object))),
    getDependencies: (object) => ask({ object }, dependenciesAnswer),
    reflectStatus: (object) => ask({ object }, statusAnswer),
    interpretHealth: (object) => ask({ object }, healthAnswer),
  };
}

/** Of what a webhook makes of a template, the status alone is written. */
function withStatusOf(object: KubeObject, patched: KubeObject): KubeObject {
  return deepEqual(object["status"], patched["status"]) ? object : { ...object, status: patched["status"] };
}
