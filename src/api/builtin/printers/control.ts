// Tables of what steers the control plane itself: leases, priorities, admission, aggregation.
// Upstream: kubernetes pkg/printers/internalversion/printers.go; k8s.io/kube-aggregator pkg/registry/apiservice/etcd.
import { formatLabelSelector } from "#machinery/selectors.ts";
import {
  APIService,
  FlowSchema,
  Lease,
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  MutatingWebhookConfiguration,
  PriorityClass,
  PriorityLevelConfiguration,
  RuntimeClass,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  ValidatingWebhookConfiguration,
} from "../../generated/kinds.ts";
import type * as types from "../../generated/types.ts";
import { none, textOr, unset } from "./cells.ts";
import { ageCell, ageColumn, type Cell, column, definePrinter, type KindPrinter, nameColumn } from "./printer.ts";

const leasePrinter = definePrinter(Lease, [nameColumn, column("Holder", "Who holds it."), ageColumn], (lease, now) => [
  lease.metadata.name,
  lease.spec.holderIdentity ?? "",
  ageCell(lease, now),
]);

const priorityClassPrinter = definePrinter(
  PriorityClass,
  [
    nameColumn,
    column("Value", "Pods with a higher one go first.", "integer"),
    column("Global-Default", "Whether pods that name no class get this one.", "boolean"),
    ageColumn,
    column("PreemptionPolicy", "Whether pods of lower priority are removed for it."),
  ],
  (priority, now) => [
    priority.metadata.name,
    priority.value ?? 0,
    priority.globalDefault ?? false,
    ageCell(priority, now),
    priority.preemptionPolicy ?? "",
  ],
);

const runtimeClassPrinter = definePrinter(
  RuntimeClass,
  [nameColumn, column("Handler", "What runs containers of this class."), ageColumn],
  (runtime, now) => [runtime.metadata.name, runtime.handler, ageCell(runtime, now)],
);

const webhookColumns = [nameColumn, column("Webhooks", "Number of webhooks.", "integer"), ageColumn];

const mutatingWebhookPrinter = definePrinter(MutatingWebhookConfiguration, webhookColumns, webhookCells);
const validatingWebhookPrinter = definePrinter(ValidatingWebhookConfiguration, webhookColumns, webhookCells);

function webhookCells(
  configuration: types.MutatingWebhookConfiguration | types.ValidatingWebhookConfiguration,
  now: number,
): readonly Cell[] {
  return [configuration.metadata.name, configuration.webhooks?.length ?? 0, ageCell(configuration, now)];
}

const paramKindColumn = column("ParamKind", "Kind of its parameters.");

const validatingAdmissionPolicyPrinter = definePrinter(
  ValidatingAdmissionPolicy,
  [nameColumn, column("Validations", "Number of rules.", "integer"), paramKindColumn, ageColumn],
  (policy, now) => [
    policy.metadata.name,
    policy.spec.validations?.length ?? 0,
    paramKindText(policy.spec.paramKind),
    ageCell(policy, now),
  ],
);

const mutatingAdmissionPolicyPrinter = definePrinter(
  MutatingAdmissionPolicy,
  [nameColumn, column("Mutations", "Number of changes.", "integer"), paramKindColumn, ageColumn],
  (policy, now) => [
    policy.metadata.name,
    policy.spec.mutations?.length ?? 0,
    paramKindText(policy.spec.paramKind),
    ageCell(policy, now),
  ],
);

function paramKindText(paramKind: types.ParamKind | undefined): string {
  return paramKind === undefined ? unset : `${paramKind.apiVersion ?? ""}/${paramKind.kind ?? ""}`;
}

const bindingColumns = [
  nameColumn,
  column("PolicyName", "Policy that is put to use."),
  column("ParamRef", "Parameters that it gets."),
  ageColumn,
];

const validatingAdmissionPolicyBindingPrinter = definePrinter(
  ValidatingAdmissionPolicyBinding,
  bindingColumns,
  policyBindingCells,
);
const mutatingAdmissionPolicyBindingPrinter = definePrinter(
  MutatingAdmissionPolicyBinding,
  bindingColumns,
  policyBindingCells,
);

function policyBindingCells(
  binding: types.ValidatingAdmissionPolicyBinding | types.MutatingAdmissionPolicyBinding,
  now: number,
): readonly Cell[] {
  const { metadata, spec } = binding;
  return [metadata.name, spec.policyName ?? "", paramRefText(spec.paramRef), ageCell(binding, now)];
}

function paramRefText(reference: types.ParamRef | undefined): string {
  const { name = "", namespace = "", selector } = reference ?? {};
  if (name !== "") return `${textOr(namespace, "*")}/${name}`;
  return selector === undefined ? unset : formatLabelSelector(selector);
}

const flowSchemaPrinter = definePrinter(
  FlowSchema,
  [
    nameColumn,
    column("PriorityLevel", "Priority level that its requests belong to."),
    column("MatchingPrecedence", "Lower ones are asked first."),
    column("DistinguisherMethod", "What tells its flows apart."),
    ageColumn,
    column("MissingPL", "Whether that priority level is missing."),
  ],
  (schema, now) => [
    schema.metadata.name,
    schema.spec.priorityLevelConfiguration.name,
    schema.spec.matchingPrecedence ?? 0,
    schema.spec.distinguisherMethod?.type ?? none,
    ageCell(schema, now),
    schema.status?.conditions?.find(({ type }) => type === "Dangling")?.status ?? "?",
  ],
);

const priorityLevelPrinter = definePrinter(
  PriorityLevelConfiguration,
  [
    nameColumn,
    column("Type", "Exempt or Limited."),
    column("NominalConcurrencyShares", "Its share of what is served at a time."),
    column("Queues", "Number of queues."),
    column("HandSize", "Queues that a flow is dealt."),
    column("QueueLengthLimit", "Requests that wait in a queue at most."),
    ageColumn,
  ],
  (level, now) => {
    const { type, limited, exempt } = level.spec;
    const queuing = limited?.limitResponse?.queuing;
    return [
      level.metadata.name,
      type,
      limited?.nominalConcurrencyShares ?? exempt?.nominalConcurrencyShares ?? none,
      queuing?.queues ?? none,
      queuing?.handSize ?? none,
      queuing?.queueLengthLimit ?? none,
      ageCell(level, now),
    ];
  },
);

const apiServicePrinter = definePrinter(
  APIService,
  [
    nameColumn,
    column("Service", "Who serves the API; Local: this server."),
    column("Available", "Whether it is served."),
    ageColumn,
  ],
  (api, now) => {
    const service = api.spec.service;
    return [
      api.metadata.name,
      service === undefined ? "Local" : `${service.namespace ?? ""}/${service.name ?? ""}`,
      availableText(api),
      ageCell(api, now),
    ];
  },
);

function availableText({ status }: types.APIService): string {
  const condition = status?.conditions?.find(({ type }) => type === "Available");
  if (condition === undefined) return "Unknown";
  const { reason = "" } = condition;
  return condition.status === "True" || reason === "" ? condition.status : `${condition.status} (${reason})`;
}

export const controlPrinters: readonly KindPrinter[] = [
  leasePrinter,
  priorityClassPrinter,
  runtimeClassPrinter,
  mutatingWebhookPrinter,
  validatingWebhookPrinter,
  validatingAdmissionPolicyPrinter,
  mutatingAdmissionPolicyPrinter,
  validatingAdmissionPolicyBindingPrinter,
  mutatingAdmissionPolicyBindingPrinter,
  flowSchemaPrinter,
  priorityLevelPrinter,
  apiServicePrinter,
];
