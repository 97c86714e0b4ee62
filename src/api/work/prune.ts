// What a manifest leaves behind when it is written into a Work: fields that only the server a template lives in fills in.
// Applied to templates before they travel and to member objects before they are compared.
// Upstream: karmada pkg/resourceinterpreter/default/native/prune/prune.go.
import { isArray, isRecord, isString } from "#machinery/guards.ts";
import type { KubeObject, ObjectMeta } from "#machinery/object.ts";

type Fields = Readonly<Record<string, unknown>>;

const statusField = new Set(["status"]);
const jobTtlField = new Set(["ttlSecondsAfterFinished"]);
const clusterIpFields = new Set(["clusterIP", "clusterIPs"]);
const deploymentAnnotations = new Set([
  "deployment.kubernetes.io/revision",
  "deployment.kubernetes.io/revision-history",
]);
const generatedSelectorLabels = new Set(["controller-uid", "batch.kubernetes.io/controller-uid"]);
const generatedPodLabels = new Set([
  "controller-uid",
  "batch.kubernetes.io/controller-uid",
  "job-name",
  "batch.kubernetes.io/job-name",
]);
const selectedNodeAnnotation = "volume.kubernetes.io/selected-node";
const serviceAccountUidAnnotation = "kubernetes.io/service-account.uid";
const serviceAccountTokenType = "kubernetes.io/service-account-token";

/** By kind alone, whatever the group, as upstream. */
const prunersByKind = new Map<string, (object: KubeObject) => KubeObject>([
  ["Deployment", (object) => withoutAnnotations(object, deploymentAnnotations)],
  ["Job", pruneJob],
  ["Secret", pruneSecret],
  ["ServiceAccount", pruneServiceAccount],
  ["Service", pruneService],
  ["PersistentVolumeClaim", pruneVolumeClaim],
]);

/** The object without status and server-made fields. What is not changed is shared with `object`, which stays as it is. */
export function pruneManifest(object: KubeObject): KubeObject {
  const { apiVersion, kind, metadata } = object;
  const pruned: KubeObject = { ...without(object, statusField), apiVersion, kind, metadata: pruneMetadata(metadata) };
  return prunersByKind.get(object.kind)?.(pruned) ?? pruned;
}

/** What users write; the rest of the metadata (and owners and finalizers, which mean nothing elsewhere) is the server's. */
function pruneMetadata({ name, generateName, namespace, labels, annotations }: ObjectMeta): ObjectMeta {
  return {
    name,
    ...(generateName === undefined ? {} : { generateName }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

/** `ttlSecondsAfterFinished` would let a member remove a Job that Karmada then re-creates (karmada #2197). */
function pruneJob(object: KubeObject): KubeObject {
  const spec = object["spec"];
  if (!isRecord(spec)) return object;
  const kept = without(spec, jobTtlField);
  if (kept["manualSelector"] === true) return { ...object, spec: kept };
  const selectorPruned = editIn(kept, ["selector", "matchLabels"], generatedSelectorLabels);
  return { ...object, spec: editIn(selectorPruned, ["template", "metadata", "labels"], generatedPodLabels) };
}

function pruneSecret(object: KubeObject): KubeObject {
  if (object["type"] !== serviceAccountTokenType) return object;
  return { ...withoutAnnotations(object, new Set([serviceAccountUidAnnotation])), data: null };
}

function pruneServiceAccount(object: KubeObject): KubeObject {
  const secrets = object["secrets"];
  if (!isArray(secrets) || secrets.length === 0) return object;
  const generated = `${object.metadata.name}-token-`;
  const isGenerated = (secret: unknown): boolean =>
    isRecord(secret) && isString(secret["name"]) && secret["name"].startsWith(generated);
  return { ...object, secrets: secrets.filter((secret) => !isGenerated(secret)) };
}

/** A headless Service says so by `None`, which is the user's word and stays. */
function pruneService(object: KubeObject): KubeObject {
  const spec = object["spec"];
  if (!isRecord(spec) || !isString(spec["clusterIP"]) || spec["clusterIP"] === "None") return object;
  return { ...object, spec: without(spec, clusterIpFields) };
}

function pruneVolumeClaim(object: KubeObject): KubeObject {
  const selected = object.metadata.annotations?.[selectedNodeAnnotation];
  if (selected === undefined || selected === "") return object;
  return withoutAnnotations(object, new Set([selectedNodeAnnotation]));
}

function withoutAnnotations(object: KubeObject, names: ReadonlySet<string>): KubeObject {
  const annotations = object.metadata.annotations;
  if (annotations === undefined || !Object.keys(annotations).some((name) => names.has(name))) return object;
  return { ...object, metadata: { ...object.metadata, annotations: without(annotations, names) } };
}

/** `fields` with the map at `path` rid of `names`; unchanged where there is no such map. */
function editIn(fields: Fields, path: readonly string[], names: ReadonlySet<string>): Fields {
  const [head, ...tail] = path;
  const child = head === undefined ? undefined : fields[head];
  if (head === undefined || !isRecord(child)) return fields;
  return { ...fields, [head]: tail.length === 0 ? without(child, names) : editIn(child, tail, names) };
}

function without<V>(fields: Readonly<Record<string, V>>, names: ReadonlySet<string>): Record<string, V> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.has(name)));
}
