// What a change of what users say about kinds concerns: which operations on which kinds may be answered otherwise now. Pure.
import type { ResourceInterpreterCustomization } from "#api/config/resource-interpreter-customization.ts";
import type { ResourceInterpreterWebhookConfiguration } from "#api/config/resource-interpreter-webhook-configuration.ts";
import { deepEqual } from "#machinery/equality.ts";
import { apiVersionOf, type GroupVersionKind } from "#machinery/object.ts";
import { operationNames, scriptOf } from "./customized/scripts.ts";
import type { Operation } from "./interpretation.ts";
import { type NamedWebhook, webhookFor, webhooksInOrder } from "./webhook/match.ts";

/** Whether it concerns this operation on objects of this kind. */
export type RuleChange = (operation: Operation, kind: GroupVersionKind) => boolean;

/** `old` is undefined where the customization has come or gone. */
export function customizationChange(
  customization: ResourceInterpreterCustomization,
  old: ResourceInterpreterCustomization | undefined,
): RuleChange {
  return (operation, kind) => scriptFor(customization, operation, kind) !== scriptFor(old, operation, kind);
}

function scriptFor(
  customization: ResourceInterpreterCustomization | undefined,
  operation: Operation,
  kind: GroupVersionKind,
): string {
  if (customization === undefined) return "";
  const { target, customizations } = customization.spec;
  if (target.apiVersion !== apiVersionOf(kind) || target.kind !== kind.kind) return "";
  return customizations[scriptOf(operation).field]?.luaScript ?? "";
}

/** The same for the webhooks of a configuration. */
export function webhookChange(
  configuration: ResourceInterpreterWebhookConfiguration,
  old: ResourceInterpreterWebhookConfiguration | undefined,
): RuleChange {
  const [now, before] = [webhooksOf(configuration), webhooksOf(old)];
  return (operation, kind) => {
    const name = operationNames[operation];
    return !deepEqual(webhookFor(now, name, kind), webhookFor(before, name, kind));
  };
}

function webhooksOf(configuration: ResourceInterpreterWebhookConfiguration | undefined): readonly NamedWebhook[] {
  return configuration === undefined ? [] : webhooksInOrder([configuration]);
}
