// Pods run under a service account of their namespace, `default` if they name none, and find a token of it in a volume.
// Karmada's control plane does without: pods there are templates.
// Upstream: kubernetes plugin/pkg/admission/serviceaccount/admission.go.
import { childOf, descendantOf, type Fields, itemsOf, listOf, textOf } from "#api/builtin/access.ts";
import type { AdmissionPlugin, AdmissionRequest } from "#machinery/admission.ts";
import { cloneJson } from "#machinery/equality.ts";
import type { KubeObject } from "#machinery/object.ts";
import { type Random, randomSuffix } from "#std/random.ts";
import type { Clock } from "#std/time.ts";
import type { Storage } from "#storage/storage.ts";
import type { ParsedCache } from "../../crud/parsed-cache.ts";
import { refusedWrite } from "../refused-write.ts";

const mirrorAnnotation = "kubernetes.io/config.mirror";
const defaultAccount = "default";
const volumePrefix = "kube-api-access-";
const mountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
/** A new namespace gets its account `default` a moment after it was made: so often it is looked for. */
const attemptsMax = 10;
const attemptMilliseconds = 100;

export interface ServiceAccountOptions {
  readonly storage: Storage;
  readonly parsed: ParsedCache;
  readonly clock: Clock;
  readonly random: Random;
}

export function serviceAccounts(options: ServiceAccountOptions): AdmissionPlugin {
  return {
    name: "ServiceAccount",
    async mutate(request) {
      const spec = childOf(request.object, "spec");
      if (spec === undefined || !isNewPod(request)) return;
      // The kubelet's own pods, of which the server only hears, have none.
      if (descendantOf(request.object, "metadata", "annotations")?.[mirrorAnnotation] !== undefined) return;
      const name = textOf(spec, "serviceAccountName") || defaultAccount;
      spec["serviceAccountName"] = name;
      spec["serviceAccount"] = name;
      const account = await find(options, request, name);
      if (mounts(spec, account)) mountToken(spec, options.random);
      const secrets = listOf(account, "imagePullSecrets");
      if (secrets.length > 0 && listOf(spec, "imagePullSecrets").length === 0) {
        spec["imagePullSecrets"] = cloneJson(secrets);
      }
    },
  };
}

function isNewPod({ kind, operation, subresource }: AdmissionRequest): boolean {
  return kind.group === "" && kind.kind === "Pod" && operation === "CREATE" && subresource === undefined;
}

/** Read from storage, so that it is never old news. */
async function find(
  { storage, parsed, clock }: ServiceAccountOptions,
  request: AdmissionRequest,
  name: string,
): Promise<KubeObject> {
  const { namespace = "", kind, name: pod } = request;
  for (let attempt = 1; ; attempt++) {
    const entry = await storage.get(`/registry/serviceaccounts/${namespace}/${name}`);
    if (entry !== undefined) return parsed.get(entry);
    if (name !== defaultAccount || attempt === attemptsMax) break;
    await clock.sleep(attemptMilliseconds);
  }
  const why = `error looking up service account ${namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`;
  throw refusedWrite(kind, pod, "Forbidden", why);
}

/** The pod's own word, else the account's, else yes. */
function mounts(spec: Fields, account: KubeObject): boolean {
  const said = spec["automountServiceAccountToken"] ?? account["automountServiceAccountToken"];
  return said !== false;
}

/** Gives every container that has nothing there a volume with a token, the cluster's authority and the namespace. */
function mountToken(spec: Fields, random: Random): void {
  const volumes = itemsOf(spec, "volumes");
  const known = volumes.map((volume) => textOf(volume, "name")).find((each) => each.startsWith(volumePrefix));
  const name = known ?? `${volumePrefix}${randomSuffix(random)}`;
  let isUsed = false;
  for (const container of [...itemsOf(spec, "initContainers"), ...itemsOf(spec, "containers")]) {
    const own = listOf(container, "volumeMounts");
    if (itemsOf(container, "volumeMounts").some((mount) => textOf(mount, "mountPath") === mountPath)) continue;
    container["volumeMounts"] = [...own, { name, readOnly: true, mountPath }];
    isUsed = true;
  }
  if (isUsed && known === undefined) spec["volumes"] = [...listOf(spec, "volumes"), tokenVolume(name)];
}

function tokenVolume(name: string): object {
  const sources = [
    { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
    { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
    {
      downwardAPI: { items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }] },
    },
  ];
  return { name, projected: { sources, defaultMode: 0o644 } };
}
