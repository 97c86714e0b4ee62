// What a pod refers to by name: config maps, secrets, its service account, claims.
// Upstream: karmada pkg/util/helper/pod.go, kubernetes pkg/api/v1/pod/util.go.
import type { Container, EphemeralContainer, PodSpec, Volume } from "#api/generated/types.ts";
import type { DependentObject } from "../interpretation.ts";

type Name = string | undefined;

/** In a fixed order: by kind, then by name. (Upstream's order is random within a kind, which makes its record flap.) */
export function podDependencies(spec: PodSpec | undefined, namespace: string | undefined): readonly DependentObject[] {
  if (spec === undefined) return [];
  const containers = [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])];
  const volumes = spec.volumes ?? [];
  const account = spec.serviceAccountName === "default" ? undefined : spec.serviceAccountName;
  return [
    ...references("ConfigMap", namespace, [
      ...containers.flatMap(containerConfigMaps),
      ...volumes.flatMap(volumeConfigMaps),
    ]),
    ...references("Secret", namespace, [
      ...(spec.imagePullSecrets ?? []).map(({ name }) => name),
      ...containers.flatMap(containerSecrets),
      ...volumes.flatMap(volumeSecrets),
    ]),
    ...references("ServiceAccount", namespace, [account]),
    ...references(
      "PersistentVolumeClaim",
      namespace,
      volumes.map((volume) => volume.persistentVolumeClaim?.claimName),
    ),
  ];
}

/** Core objects of one kind by name, sorted; absent and empty names are none. */
export function references(kind: string, namespace: string | undefined, names: readonly Name[]): DependentObject[] {
  const present = new Set(names.flatMap((name = "") => (name === "" ? [] : [name])));
  return [...present].sort().map((name) => ({
    apiVersion: "v1",
    kind,
    ...(namespace === undefined ? {} : { namespace }),
    name,
  }));
}

function containerConfigMaps({ env, envFrom }: Container | EphemeralContainer): readonly Name[] {
  return [
    ...(envFrom ?? []).map(({ configMapRef }) => configMapRef?.name),
    ...(env ?? []).map(({ valueFrom }) => valueFrom?.configMapKeyRef?.name),
  ];
}

function containerSecrets({ env, envFrom }: Container | EphemeralContainer): readonly Name[] {
  return [
    ...(envFrom ?? []).map(({ secretRef }) => secretRef?.name),
    ...(env ?? []).map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
  ];
}

function volumeConfigMaps({ configMap, projected }: Volume): readonly Name[] {
  return [configMap?.name, ...(projected?.sources ?? []).map((source) => source.configMap?.name)];
}

function volumeSecrets(volume: Volume): readonly Name[] {
  return [
    volume.azureFile?.secretName,
    volume.cephfs?.secretRef?.name,
    volume.cinder?.secretRef?.name,
    volume.csi?.nodePublishSecretRef?.name,
    volume.flexVolume?.secretRef?.name,
    volume.iscsi?.secretRef?.name,
    volume.rbd?.secretRef?.name,
    volume.scaleIO?.secretRef.name,
    volume.secret?.secretName,
    volume.storageos?.secretRef?.name,
    ...(volume.projected?.sources ?? []).map((source) => source.secret?.name),
  ];
}
