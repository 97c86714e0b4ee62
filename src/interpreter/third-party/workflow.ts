// argoproj.io/v1alpha1 Workflow. Its status is the member's record of the run, so the member keeps it.
import type { DependentObject } from "../interpretation.ts";
import { fieldOf, isRecord } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import { withField } from "../edit.ts";
import { interpretationOf } from "../interpretation.ts";
import { text } from "../native/member-status.ts";
import { podDependencies, references } from "../native/pod-dependencies.ts";
import { podRequirements } from "../native/pod-requirements.ts";
import { reviseReplicaField } from "../native/replicas.ts";
import { numberAt, records, statusOf, textAt } from "./reading.ts";

export const workflow = interpretationOf("argoproj.io/v1alpha1", "Workflow", {
  getReplicas: (object) => ({
    replicas: numberAt(object, "spec", "parallelism") ?? 1,
    requirements: podRequirements({ containers: [], ...placementOf(object) }),
  }),
  reviseReplica: (object, replicas) => reviseReplicaField(object, "parallelism", replicas),
  retain(desired, observed) {
    const suspend = fieldOf(observed, "spec", "suspend");
    const suspended = suspend === undefined ? desired : withField(desired, ["spec", "suspend"], suspend);
    const status = observed["status"];
    return status === undefined ? suspended : { ...suspended, status };
  },
  getDependencies: dependencies,
  interpretHealth(object) {
    const phase = text(statusOf(object) ?? {}, "phase");
    return phase !== "" && phase !== "Error" && phase !== "Failed";
  },
});

/** Where the pods of all steps may run. */
function placementOf(object: KubeObject): Readonly<Record<string, unknown>> {
  const spec = object["spec"];
  if (!isRecord(spec)) return {};
  return Object.fromEntries(
    ["affinity", "nodeSelector", "tolerations"].flatMap((name) =>
      Object.hasOwn(spec, name) ? [[name, spec[name]] as const] : [],
    ),
  );
}

function dependencies(object: KubeObject): readonly DependentObject[] {
  const { namespace } = object.metadata;
  const spec = object["spec"];
  const templates = records(fieldOf(spec, "volumeClaimTemplates")).map((claim) => textAt(claim, "metadata", "name"));
  const executor = textAt(spec, "executor", "serviceAccountName");
  const ofPods = podDependencies({ containers: [], ...podFieldsOf(object) }, namespace);
  const more = [
    ...references("ServiceAccount", namespace, [executor]),
    ...references("PersistentVolumeClaim", namespace, templates),
  ];
  const isNew = (found: DependentObject): boolean =>
    !ofPods.some(({ kind, name }) => kind === found.kind && name === found.name);
  return [...ofPods, ...more.filter(isNew)];
}

function podFieldsOf(object: KubeObject): Readonly<Record<string, unknown>> {
  const spec = object["spec"];
  const account = textAt(spec, "serviceAccountName");
  return {
    volumes: records(fieldOf(spec, "volumes")),
    imagePullSecrets: records(fieldOf(spec, "imagePullSecrets")),
    ...(account === undefined ? {} : { serviceAccountName: account }),
  };
}
