// The configuration objects by which another API server finds Karmada's webhooks, made of the webhooks themselves.
// Upstream: karmada artifacts/deploy/webhook-configuration.yaml.
import { karmadaLabels } from "../karmada-constants.ts";
import type { Webhook } from "./webhook.ts";

/** Every kind's own name comes first in the path: `/mutate-work`, `/validate-work`. */
export type WebhookStage = "mutate" | "validate";

const timeoutSeconds = 3;

/** The path under which a webhook's stage is served. */
export function webhookPath({ kind, name }: Webhook, stage: WebhookStage): string {
  return `/${stage}-${kind?.singular ?? name.replace(/\.karmada\.io$/, "")}`;
}

/** The stages that a webhook has. */
export function stagesOf(webhook: Webhook): readonly WebhookStage[] {
  return [
    ...(webhook.mutate === undefined ? [] : (["mutate"] as const)),
    ...(webhook.refusal === undefined ? [] : (["validate"] as const)),
  ];
}

export interface WebhookAddress {
  /** `https://host:port`, without a path. */
  readonly url: string;
  /** PEM of the authority that issued the server's certificate. Absent: one that the API server knows. */
  readonly caBundle?: string;
}

/** A MutatingWebhookConfiguration and a ValidatingWebhookConfiguration. */
export function webhookConfigurations(webhooks: readonly Webhook[], address: WebhookAddress): readonly object[] {
  const configuration = (kind: string, name: string, stage: WebhookStage): object => ({
    apiVersion: "admissionregistration.k8s.io/v1",
    kind,
    metadata: { name },
    webhooks: webhooks
      .filter((webhook) => stagesOf(webhook).includes(stage))
      .map((webhook) => configurationOf(webhook, stage, address)),
  });
  return [
    configuration("MutatingWebhookConfiguration", "mutating-config", "mutate"),
    configuration("ValidatingWebhookConfiguration", "validating-config", "validate"),
  ];
}

function configurationOf(webhook: Webhook, stage: WebhookStage, { url, caBundle }: WebhookAddress): object {
  const { name, kind, operations } = webhook;
  return {
    name,
    rules: [
      {
        operations,
        apiGroups: [kind?.group ?? "*"],
        apiVersions: ["*"],
        resources: [kind?.plural ?? "*"],
        scope: kind === undefined ? "*" : kind.namespaced ? "Namespaced" : "Cluster",
      },
    ],
    clientConfig: {
      url: `${url}${webhookPath(webhook, stage)}`,
      ...(caBundle === undefined ? {} : { caBundle: Buffer.from(caBundle).toString("base64") }),
    },
    // The one webhook for every kind is asked about labelled objects only: it must not stand in the way of all deletions.
    ...(kind === undefined
      ? { objectSelector: { matchExpressions: [{ key: karmadaLabels.deletionProtected, operator: "Exists" }] } }
      : {}),
    failurePolicy: "Fail",
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
    timeoutSeconds,
  };
}
