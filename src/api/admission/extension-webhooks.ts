// The webhooks of the kinds beside policies, bindings and Works: quota, taints, autoscaling, networking, interpretation.
// Upstream: karmada pkg/webhook.
import { isObjectOf } from "#machinery/guards.ts";
import type { Random } from "#std/random.ts";
import { CronFederatedHPA } from "../autoscaling/cron-federated-hpa.ts";
import { FederatedHPA } from "../autoscaling/federated-hpa.ts";
import { defaultsOf } from "../builtin/defaults/defaults.ts";
import { checksOf } from "../builtin/validation/validation.ts";
import { ResourceInterpreterCustomization } from "../config/resource-interpreter-customization.ts";
import { ResourceInterpreterWebhookConfiguration } from "../config/resource-interpreter-webhook-configuration.ts";
import { karmadaLabels } from "../karmada-constants.ts";
import { MultiClusterIngress } from "../networking/multi-cluster-ingress.ts";
import { MultiClusterService } from "../networking/multi-cluster-service.ts";
import { ClusterTaintPolicy } from "../policy/cluster-taint-policy.ts";
import { FederatedResourceQuota } from "../policy/federated-resource-quota.ts";
import { ensureId } from "./edit.ts";
import { customizationRefusal } from "./validate-customization.ts";
import { validateCronHpa } from "./validate-cron-hpa.ts";
import { validateInterpreterWebhooks } from "./validate-interpreter-webhooks.ts";
import { validateBehavior, validateMetric } from "./validate-metrics.ts";
import { validateMultiClusterService } from "./validate-multi-cluster-service.ts";
import { validateQuota } from "./validate-quota.ts";
import { validateTaintPolicy } from "./validate-taint-policy.ts";
import { aggregateText, objectsOf, type Webhook } from "./webhook.ts";

interface ExtensionWebhookOptions {
  readonly random: Random;
  /** May a ClusterTaintPolicy put NoExecute taints on clusters? Upstream: --allow-no-execute-taint-policy. */
  readonly allowNoExecuteTaintPolicy: boolean;
}

/** A FederatedHPA's fields are those of an autoscaler, and a MultiClusterIngress' those of an Ingress. */
const autoscaler = { group: "autoscaling", version: "v2", kind: "HorizontalPodAutoscaler" } as const;
const ingress = { group: "networking.k8s.io", version: "v1", kind: "Ingress" } as const;

export function extensionWebhooks({ random, allowNoExecuteTaintPolicy }: ExtensionWebhookOptions): Webhook[] {
  return [
    {
      ...both("clustertaintpolicy.karmada.io", ClusterTaintPolicy),
      refusal: (request) => {
        const { object } = objectsOf(ClusterTaintPolicy, request);
        if (object === undefined) return undefined;
        return aggregateText(validateTaintPolicy(object.spec, allowNoExecuteTaintPolicy));
      },
    },
    {
      ...both("federatedresourcequota.karmada.io", FederatedResourceQuota),
      refusal: (request) => {
        const { object } = objectsOf(FederatedResourceQuota, request);
        return object === undefined ? undefined : aggregateText(validateQuota(object));
      },
    },
    {
      ...both("config.karmada.io", ResourceInterpreterWebhookConfiguration),
      refusal: (request) => {
        const { object } = objectsOf(ResourceInterpreterWebhookConfiguration, request);
        return object === undefined ? undefined : aggregateText(validateInterpreterWebhooks(object.webhooks));
      },
    },
    interpreterCustomizations,
    federatedHpas,
    {
      ...both("cronfederatedhpa.karmada.io", CronFederatedHPA),
      refusal: (request) => {
        const { object } = objectsOf(CronFederatedHPA, request);
        return object === undefined ? undefined : aggregateText(validateCronHpa(object.spec));
      },
    },
    {
      ...both("multiclusteringress.karmada.io", MultiClusterIngress),
      refusal: (request) => {
        const { object } = objectsOf(MultiClusterIngress, request);
        return object === undefined ? undefined : aggregateText(checksOf(ingress).validate?.(object) ?? []);
      },
    },
    multiClusterServices(random),
  ];
}

const interpreterCustomizations: Webhook = {
  ...both("resourceinterpretercustomization.karmada.io", ResourceInterpreterCustomization),
  refusal: async (request) => {
    const { object } = objectsOf(ResourceInterpreterCustomization, request);
    if (object === undefined) return undefined;
    const stored = (await request.list?.()) ?? [];
    const others = stored.filter((each) => isObjectOf(ResourceInterpreterCustomization, each));
    return customizationRefusal(object, others);
  },
};

function both(name: string, kind: NonNullable<Webhook["kind"]>): Pick<Webhook, "name" | "kind" | "operations"> {
  return { name, kind, operations: ["CREATE", "UPDATE"] };
}

const federatedHpas: Webhook = {
  ...both("federatedhpa.karmada.io", FederatedHPA),
  mutate: (object) => {
    defaultsOf(autoscaler)(object);
  },
  refusal: (request) => {
    const { object } = objectsOf(FederatedHPA, request);
    if (object === undefined) return undefined;
    const { metrics = [], behavior } = object.spec;
    return aggregateText([
      ...(checksOf(autoscaler).validate?.(object) ?? []),
      ...metrics.flatMap((metric, index) => validateMetric(metric, `spec.metrics[${index}]`)),
      ...validateBehavior(behavior),
    ]);
  },
};

function multiClusterServices(random: Random): Webhook {
  return {
    ...both("multiclusterservice.karmada.io", MultiClusterService),
    mutate: (object) => {
      ensureId(object, karmadaLabels.multiClusterServiceId, random);
    },
    refusal: (request) => {
      const { object, old } = objectsOf(MultiClusterService, request);
      return object === undefined ? undefined : aggregateText(validateMultiClusterService(object, old));
    },
  };
}
