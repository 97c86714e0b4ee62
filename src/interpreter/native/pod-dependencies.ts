// What a pod refers to by name: config maps, secrets, its service account, claims.
// Upstream: karmada pkg/util/helper/pod.go, kubernetes pkg/api/v1/pod/util.go.
import type { Container, EphemeralContainer, PodSpec, Volume } from "#api/generated/types.ts";
import type { DependentObject } from "../interpretation.ts";

type Name = string | undefined;

/** In a fixed order: by kind, then by name. (Upstream's order is random within a kind, which makes its record flap.) */
export function podDependencies(spec: PodSpec | undefined, namespace: string | undefined): readonly DependentObject[] {
  if (spec === undefined) return [];
  const names: Names = { configMaps: [], secrets: [], claims: [] };
  for (const container of spec.initContainers ?? []) addContainer(names, container);
  for (const container of spec.containers) addContainer(names, container);
  for (const container of spec.ephemeralContainers ?? []) addContainer(names, container);
  for (const volume of spec.volumes ?? []) addVolume(names, volume);
  for (const { name } of spec.imagePullSecrets ?? []) names.secrets.push(name);
  const account = spec.serviceAccountName === "default" ? undefined : spec.serviceAccountName;
  return [
    ...references("ConfigMap", namespace, names.configMaps),
    ...references("Secret", namespace, names.secrets),
    ...references("ServiceAccount", namespace, [account]),
    ...references("PersistentVolumeClaim", namespace, names.claims),
  ];
}

/** Core objects of one kind by name, sorted; absent and empty names are none. */
export function references(kind: string, namespace: string | undefined, names: readonly Name[]): DependentObject[] {
  const present = new Set<string>();
  for (const name of names) if (name !== undefined && name !== "") present.add(name);
  if (present.size === 0) return [];
  const place = namespace === undefined ? undefined : { namespace };
  return [...present].sort().map((name) => ({ apiVersion: "v1", kind, ...place, name }));
}

/** The names that a pod refers to, as they are found: for each pod of each kind, so into lists that grow. */
interface Names {
  readonly configMaps: Name[];
  readonly secrets: Name[];
  readonly claims: Name[];
}

function addContainer({ configMaps, secrets }: Names, { env, envFrom }: Container | EphemeralContainer): void {
  for (const { configMapRef, secretRef } of envFrom ?? []) {
    configMaps.push(configMapRef?.name);
    secrets.push(secretRef?.name);
  }
  for (const { valueFrom } of env ?? []) {
    if (valueFrom === undefined) continue;
    configMaps.push(valueFrom.configMapKeyRef?.name);
    secrets.push(valueFrom.secretKeyRef?.name);
  }
}

function addVolume({ configMaps, secrets, claims }: Names, volume: Volume): void {
  configMaps.push(volume.configMap?.name);
  claims.push(volume.persistentVolumeClaim?.claimName);
  secrets.push(...volumeSecrets(volume));
  for (const { configMap, secret } of volume.projected?.sources ?? []) {
    configMaps.push(configMap?.name);
    secrets.push(secret?.name);
  }
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
  ];
}
