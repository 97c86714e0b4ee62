// ResourceInterpreterWebhookConfiguration: servers that are asked how resources are to be understood.
// Upstream: karmada pkg/apis/config/v1alpha1/resourceinterpreterwebhook_types.go.
import type { ObjectOf } from "#machinery/object.ts";
import { defineKindWithFields } from "../define-kind.ts";
import { t, type TypeOf } from "../schema-dsl.ts";

const ClientConfig = t.object(
  {
    caBundle: t.optional(t.bytes({ doc: "Certificates, in PEM, that the server's own is checked with." })),
    service: t.optional(
      t.object(
        {
          name: t.string({ doc: "The Service's name." }),
          namespace: t.string({ doc: "The Service's namespace." }),
          path: t.optional(t.string({ doc: "The path of the URL." })),
          port: t.optional(t.int32({ doc: "The Service's port. Absent: 443." })),
        },
        { doc: "The Service to ask. Exactly one of service and url is given." },
      ),
    ),
    url: t.optional(t.string({ doc: "The address to ask: https://host:port/path." })),
  },
  { doc: "How the server is reached." },
);

const Rule = t.object({
  apiGroups: t.array(t.string(), { doc: 'API groups of the resources, "" for the core group; or "*" alone.' }),
  apiVersions: t.array(t.string(), { doc: 'API versions of the resources; or "*" alone.' }),
  kinds: t.array(t.string(), { doc: 'Kinds of the resources; or "*" alone.' }),
  operations: t.array(t.string(), { doc: 'What is asked, such as InterpretReplica or Retain; or "*" alone.' }),
});

const InterpreterWebhook = t.object({
  clientConfig: ClientConfig,
  interpreterContextVersions: t.array(t.string(), {
    doc: "Versions of ResourceInterpreterContext that the server understands, the preferred one first: v1alpha1.",
  }),
  name: t.string({ doc: "The webhook's name, a domain such as workloads.example.com." }),
  rules: t.optional(t.array(Rule, { doc: "What the server is asked, and about which resources." })),
  timeoutSeconds: t.optional(t.int32({ doc: "How long an answer is waited for, 1 to 30 seconds. Absent: 10." })),
});
export type InterpreterWebhook = TypeOf<typeof InterpreterWebhook>;

export const ResourceInterpreterWebhookConfiguration = defineKindWithFields({
  group: "config.karmada.io",
  version: "v1alpha1",
  scope: "Cluster",
  kind: "ResourceInterpreterWebhookConfiguration",
  plural: "resourceinterpreterwebhookconfigurations",
  categories: ["karmada-io"],
  doc: "Names servers that the control plane asks how resources are to be understood.",
  fields: { webhooks: t.array(InterpreterWebhook, { doc: "The servers, and what each is asked." }) },
});
export type ResourceInterpreterWebhookConfiguration = ObjectOf<typeof ResourceInterpreterWebhookConfiguration>;
