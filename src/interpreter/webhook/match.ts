// Which webhook is asked about a kind. Pure. Upstream: karmada
// pkg/resourceinterpreter/customized/webhook/configmanager/manager.go, customized/webhook/customized.go.
import type {
  InterpreterWebhook,
  ResourceInterpreterWebhookConfiguration,
} from "#api/config/resource-interpreter-webhook-configuration.ts";
import type { GroupVersionKind } from "#machinery/object.ts";

export interface NamedWebhook {
  /** `<configuration>/<webhook>`. */
  readonly name: string;
  readonly webhook: InterpreterWebhook;
}

/** All webhooks by name: of several that match, the first one is asked. */
export function webhooksInOrder(
  configurations: readonly ResourceInterpreterWebhookConfiguration[],
): readonly NamedWebhook[] {
  const all = configurations.flatMap(({ metadata, webhooks }) =>
    webhooks.map((webhook): NamedWebhook => ({ name: `${metadata.name}/${webhook.name}`, webhook })),
  );
  return all.sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** The one that is asked for `operation`, as users name it. */
export function webhookFor(
  webhooks: readonly NamedWebhook[],
  operation: string,
  kind: GroupVersionKind,
): NamedWebhook | undefined {
  return webhooks.find(({ webhook }) =>
    (webhook.rules ?? []).some(
      (rule) =>
        includes(rule.operations, operation) &&
        includes(rule.apiGroups, kind.group) &&
        includes(rule.apiVersions, kind.version) &&
        includes(rule.kinds, kind.kind),
    ),
  );
}

function includes(values: readonly string[], value: string): boolean {
  return values.includes(value) || values.includes("*");
}
