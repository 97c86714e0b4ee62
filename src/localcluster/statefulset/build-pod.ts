// What the pods and claims of a StatefulSet look like: each has its number, and a name and volumes that stay with it.
// Upstream: kubernetes pkg/controller/statefulset/stateful_set_utils.go.
import type { PodTemplateSpec } from "#api/generated/types.ts";
import type { PersistentVolumeClaim, Pod, StatefulSet } from "#api/kinds.ts";
import type { Draft } from "#client/client.ts";
import { podFromTemplate } from "../pods.ts";
import { revisionLabel } from "../revisions.ts";

const podNameLabel = "statefulset.kubernetes.io/pod-name";
const podIndexLabel = "apps.kubernetes.io/pod-index";

/** The pod of an ordinal, from the template of a revision. */
export function buildPod(set: StatefulSet, template: PodTemplateSpec, ordinal: number, revision: string): Draft<Pod> {
  const name = `${set.metadata.name}-${ordinal}`;
  const labels = {
    ...template.metadata?.labels,
    [podNameLabel]: name,
    [podIndexLabel]: String(ordinal),
    [revisionLabel]: revision,
  };
  const pod = podFromTemplate(set, template, { name, labels });
  const claims = claimNames(set, ordinal).map(({ template: volume, claimName }) => ({
    name: volume,
    persistentVolumeClaim: { claimName },
  }));
  const others = (pod.spec.volumes ?? []).filter(({ name: volume }) => !claims.some((claim) => claim.name === volume));
  const volumes = [...claims, ...others];
  return {
    ...pod,
    spec: {
      ...pod.spec,
      hostname: name,
      ...(set.spec.serviceName === undefined ? {} : { subdomain: set.spec.serviceName }),
      ...(volumes.length === 0 ? {} : { volumes }),
    },
  };
}

/** The claims that the pod of an ordinal needs. */
export function buildClaims(set: StatefulSet, ordinal: number): readonly Draft<PersistentVolumeClaim>[] {
  const { namespace, name: setName, uid = "" } = set.metadata;
  const goesWithSet = set.spec.persistentVolumeClaimRetentionPolicy?.whenDeleted === "Delete";
  const owner = { apiVersion: "apps/v1", kind: "StatefulSet", name: setName, uid, controller: true };
  const names = claimNames(set, ordinal);
  return (set.spec.volumeClaimTemplates ?? []).map(({ metadata, spec }, index) => ({
    metadata: {
      ...metadata,
      name: names[index]?.claimName ?? "",
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...metadata.labels, ...set.spec.selector.matchLabels },
      ...(goesWithSet ? { ownerReferences: [owner] } : {}),
    },
    spec,
  }));
}

function claimNames(set: StatefulSet, ordinal: number): { readonly template: string; readonly claimName: string }[] {
  return (set.spec.volumeClaimTemplates ?? []).map(({ metadata: { name } }) => ({
    template: name,
    claimName: `${name}-${set.metadata.name}-${ordinal}`,
  }));
}
