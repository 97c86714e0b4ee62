// v1 Pod. Upstream: karmada pkg/resourceinterpreter/default/native.
import type { Container } from "#api/generated/types.ts";
import { Pod } from "#api/kinds.ts";
import type { AggregatedStatusItem } from "#api/work/binding.ts";
import { isArray, isRecord } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import { withoutFields } from "../edit.ts";
import { defineInterpretation } from "../interpretation.ts";
import { type MemberStatus, memberStatuses, text, withStatus } from "./member-status.ts";
import { podDependencies } from "./pod-dependencies.ts";
import { podRequirements } from "./pod-requirements.ts";

const phasesByWeight = ["Failed", "Pending", "Running", "Succeeded"] as const;

export const pod = defineInterpretation({
  kind: Pod,
  getReplicas: ({ spec }) => ({ replicas: 1, requirements: podRequirements(spec) }),
  retain: retainAssigned,
  aggregateStatus: aggregate,
  getDependencies: ({ spec, metadata }) => podDependencies(spec, metadata.namespace),
  interpretHealth({ status }) {
    if (status?.phase === "Succeeded") return true;
    const ready = (status?.conditions ?? []).find(({ type }) => type === "Ready");
    return status?.phase === "Running" && ready?.status === "True";
  },
});

/**
 * What the member has put into the pod when it accepted and scheduled it; a pod cannot lose it again. That goes for
 * whole containers, too: without the sidecars that a member injects every update would be refused. (Upstream keeps no
 * containers.)
 */
function retainAssigned(desired: Pod, observed: Pod): KubeObject {
  const { containers, initContainers = [] } = desired.spec;
  const { nodeName, serviceAccountName, volumes } = observed.spec;
  const inits = retainContainers(initContainers, observed.spec.initContainers ?? []);
  return {
    ...desired,
    spec: {
      ...withoutFields(desired.spec, "nodeName", "serviceAccountName", "volumes"),
      ...(nodeName === undefined ? {} : { nodeName }),
      ...(serviceAccountName === undefined ? {} : { serviceAccountName }),
      ...(volumes === undefined ? {} : { volumes }),
      containers: retainContainers(containers, observed.spec.containers),
      ...(inits.length === 0 ? {} : { initContainers: inits }),
    },
  };
}

/** In the member's order, which cannot be changed either; the template's own containers get the member's mounts. */
function retainContainers(desired: readonly Container[], observed: readonly Container[]): readonly Container[] {
  const own = new Map(desired.map((container) => [container.name, container]));
  const there = new Set(observed.map(({ name }) => name));
  return [
    ...observed.map((member) => withMountsOf(own.get(member.name) ?? member, member)),
    ...desired.filter(({ name }) => !there.has(name)),
  ];
}

function withMountsOf(container: Container, { volumeMounts }: Container): Container {
  const { volumeMounts: _own, ...rest } = container;
  return { ...rest, ...(volumeMounts === undefined ? {} : { volumeMounts }) };
}

/** A member whose status is not back yet counts as Pending, and so does a pod that is nowhere any more. */
function aggregate(object: Pod, items: readonly AggregatedStatusItem[] | undefined): KubeObject {
  if (items === undefined)
    return object.status?.phase === undefined ? object : withStatus(object, { phase: "Pending" });
  const statuses = memberStatuses(items);
  const phases = new Set(statuses.map((status) => text(status, "phase")));
  if (statuses.length < items.length) phases.add("Pending");
  const phase = phasesByWeight.find((candidate) => phases.has(candidate));
  return withStatus(object, {
    ...(phase === undefined ? {} : { phase }),
    ...containerStatuses(statuses, "containerStatuses"),
    ...containerStatuses(statuses, "initContainerStatuses"),
  });
}

/** Only whether they are ready and in what state; the rest is of no use across clusters but may not be absent. */
function containerStatuses(statuses: readonly MemberStatus[], field: string): MemberStatus {
  const entries = statuses.flatMap((status) => (isArray(status[field]) ? status[field].filter(isRecord) : []));
  if (entries.length === 0) return {};
  return {
    [field]: entries.map((entry) => ({
      name: "",
      state: isRecord(entry["state"]) ? entry["state"] : {},
      lastState: {},
      ready: entry["ready"] === true,
      restartCount: 0,
      image: "",
      imageID: "",
    })),
  };
}
