// Tables of the kinds that keep pods running. Upstream: kubernetes pkg/printers/internalversion/printers.go.
import { parseApiVersion } from "#machinery/object.ts";
import { formatLabelSelector, labelSelectorOf, type LabelSelectorSpec } from "#machinery/selectors.ts";
import {
  ControllerRevision,
  DaemonSet,
  Deployment,
  ReplicaSet,
  ReplicationController,
  StatefulSet,
} from "../../generated/kinds.ts";
import { containerCells, containerColumns, labelsText, none, selectorColumn } from "./cells.ts";
import { ageCell, ageColumn, column, definePrinter, type KindPrinter, nameColumn } from "./printer.ts";

const deploymentPrinter = definePrinter(
  Deployment,
  [
    nameColumn,
    column("Ready", "Pods that are ready, of those wanted."),
    column("Up-to-date", "Pods made from the newest template."),
    column("Available", "Pods that have been ready for long enough."),
    ageColumn,
    ...containerColumns,
    selectorColumn,
  ],
  (deployment, now) => {
    const { metadata, spec, status = {} } = deployment;
    return [
      metadata.name,
      `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
      status.updatedReplicas ?? 0,
      status.availableReplicas ?? 0,
      ageCell(deployment, now),
      ...containerCells(spec.template.spec?.containers),
      selectorText(spec.selector),
    ];
  },
);

/** Other kinds show `<none>` and `<error>`. */
function selectorText(selector: LabelSelectorSpec | undefined): string {
  try {
    return labelSelectorOf(selector).text;
  } catch {
    return "<invalid>";
  }
}

const replicaColumns = [
  nameColumn,
  column("Desired", "Pods wanted.", "integer"),
  column("Current", "Pods there are.", "integer"),
  column("Ready", "Pods that are ready.", "integer"),
  ageColumn,
  ...containerColumns,
  selectorColumn,
];

const replicaSetPrinter = definePrinter(ReplicaSet, replicaColumns, (replicaSet, now) => {
  const { metadata, spec, status } = replicaSet;
  return [
    metadata.name,
    spec.replicas ?? 0,
    status?.replicas ?? 0,
    status?.readyReplicas ?? 0,
    ageCell(replicaSet, now),
    ...containerCells(spec.template?.spec?.containers),
    formatLabelSelector(spec.selector),
  ];
});

const replicationControllerPrinter = definePrinter(ReplicationController, replicaColumns, (controller, now) => {
  const { metadata, spec, status } = controller;
  return [
    metadata.name,
    spec.replicas ?? 0,
    status?.replicas ?? 0,
    status?.readyReplicas ?? 0,
    ageCell(controller, now),
    ...containerCells(spec.template?.spec?.containers),
    labelsText(spec.selector),
  ];
});

const statefulSetPrinter = definePrinter(
  StatefulSet,
  [nameColumn, column("Ready", "Pods that are ready, of those wanted."), ageColumn, ...containerColumns],
  (set, now) => {
    const { metadata, spec, status } = set;
    return [
      metadata.name,
      `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
      ageCell(set, now),
      ...containerCells(spec.template.spec?.containers),
    ];
  },
);

const daemonSetPrinter = definePrinter(
  DaemonSet,
  [
    nameColumn,
    column("Desired", "Nodes that should run a pod.", "integer"),
    column("Current", "Nodes that should and do.", "integer"),
    column("Ready", "Nodes whose pod is ready.", "integer"),
    column("Up-to-date", "Nodes whose pod is made from the newest template.", "integer"),
    column("Available", "Nodes whose pod has been ready for long enough.", "integer"),
    column("Node Selector", "Labels of the nodes that should run a pod."),
    ageColumn,
    ...containerColumns,
    selectorColumn,
  ],
  (set, now) => {
    const { metadata, spec, status } = set;
    return [
      metadata.name,
      status?.desiredNumberScheduled ?? 0,
      status?.currentNumberScheduled ?? 0,
      status?.numberReady ?? 0,
      status?.updatedNumberScheduled ?? 0,
      status?.numberAvailable ?? 0,
      labelsText(spec.template.spec?.nodeSelector),
      ageCell(set, now),
      ...containerCells(spec.template.spec?.containers),
      formatLabelSelector(spec.selector),
    ];
  },
);

const controllerRevisionPrinter = definePrinter(
  ControllerRevision,
  [
    nameColumn,
    column("Controller", "What the revision is a state of."),
    column("Revision", "Number of the revision."),
    ageColumn,
  ],
  (revision, now) => {
    const owner = revision.metadata.ownerReferences?.find(({ controller }) => controller === true);
    return [
      revision.metadata.name,
      owner === undefined ? none : `${qualifiedKind(owner)}/${owner.name}`,
      revision.revision,
      ageCell(revision, now),
    ];
  },
);

/** `deployment.apps`. */
function qualifiedKind({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): string {
  const { group } = parseApiVersion(apiVersion);
  return (group === "" ? kind : `${kind}.${group}`).toLowerCase();
}

export const workloadPrinters: readonly KindPrinter[] = [
  deploymentPrinter,
  replicaSetPrinter,
  replicationControllerPrinter,
  statefulSetPrinter,
  daemonSetPrinter,
  controllerRevisionPrinter,
];
