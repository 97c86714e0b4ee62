// One kind on its way to three members and back: shares of replicas, health, the sum of statuses, generations, and what is
// left when a member has been left. Real API servers, the real scheduler; the test is what runs in the members.
import assert from "node:assert/strict";
import { karmadaAnnotations } from "#api/karmada-constants.ts";
import { bindingName } from "#api/karmada-names.ts";
import { ClusterPropagationPolicy, PropagationPolicy } from "#api/policy/propagation-policy.ts";
import { ClusterResourceBinding, ResourceBinding } from "#api/work/binding.ts";
import { aWhile, eventually, eventuallyObject, type Planes } from "#controllers/testing-planes.ts";
import { nativeInterpretations } from "#interpreter/native/all.ts";
import { thirdPartyInterpretations } from "#interpreter/third-party/all.ts";
import { isApiError } from "#machinery/api-error.ts";
import { fieldOf, isRecord } from "#machinery/guards.ts";
import { type Kind, type KubeObject, type ObjectRef, parseApiVersion } from "#machinery/object.ts";

export const members = ["m1", "m2", "m3"] as const;
const share = 2;

export interface KindCase {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly scope?: "Cluster";
  readonly spec?: Readonly<Record<string, unknown>>;
  /** Where the spec says how many replicas there are: 6 of them, so that each member gets 2. */
  readonly replicas?: string;
  /** What the binding says of replicas where the spec says nothing of them. */
  readonly bound?: number;
  /** The status of the object in the n-th member, counted from 1, when all is well. */
  readonly status: (n: number, generation: number) => Readonly<Record<string, unknown>>;
  /** Fields of the status that stay in the member. */
  readonly stays?: readonly string[];
  /** What is wrong there. Absent: nothing can be, because the kind has no health of its own. */
  readonly sick?: Readonly<Record<string, unknown>>;
  /** What the template's status says of three members that are well. Absent: nobody adds it up. */
  readonly sum?: Readonly<Record<string, unknown>>;
  /** Whether the template's observedGeneration waits for its members'; the field that a new generation changes, and how. */
  readonly tracks?: readonly [field: string, value: unknown];
}

export function kindOf({ apiVersion, kind, plural, scope }: KindCase): Kind {
  const names = { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` };
  return { ...parseApiVersion(apiVersion), ...names, namespaced: scope === undefined, shortNames: [], categories: [] };
}

interface Journey {
  readonly each: KindCase;
  readonly planes: Planes;
  readonly kind: Kind;
  readonly ref: ObjectRef;
  readonly binding: ObjectRef;
}

/** A template that has been in three members, and is in none any more, says the same as one that never was in any. */
export function forgetsAll(each: KindCase): void {
  const { kind, metadata } = { kind: kindOf(each), metadata: { name: "x", namespace: "default", generation: 3 } };
  const fresh: KubeObject = { apiVersion: each.apiVersion, kind: kind.kind, metadata, spec: { ...each.spec } };
  const found = [...nativeInterpretations, ...thirdPartyInterpretations].find(({ kind: own }) => {
    return own.group === kind.group && own.version === kind.version && own.kind === kind.kind;
  });
  assert.ok(found?.aggregateStatus !== undefined, "it is added up");
  const aggregate = found.aggregateStatus.bind(found);
  const items = members.map((clusterName, n) => ({ clusterName, applied: true, status: { ...each.status(n + 1, 3) } }));
  const full = aggregate(fresh, items, 0);
  assert.notDeepEqual(full["status"], undefined);
  assert.deepEqual(statusOf(aggregate(full, undefined, 1)), statusOf(aggregate(fresh, undefined, 1)));
}

/** A Pod that has been somewhere is Pending when it is nowhere; and when a Job was started stays true. */
function statusOf({ status, kind }: KubeObject): unknown {
  if (!isRecord(status)) return {};
  const { phase, startTime, ...others } = status;
  if (kind === "Pod" && phase === "Pending") return others;
  return kind === "Job" && startTime !== undefined ? { ...others, ...(phase === undefined ? {} : { phase }) } : status;
}

/** The whole way, step by step. */
export async function propagate(each: KindCase, planes: Planes): Promise<void> {
  const kind = kindOf(each);
  const name = kind.singular;
  const namespace = kind.namespaced ? "default" : undefined;
  const ref = { name, namespace };
  const journey = { each, planes, kind, ref, binding: { namespace, name: bindingName(kind.kind, name) } };
  await createTemplate(journey);
  await arrives(journey);
  await tellsHealth(journey);
  if (each.tracks !== undefined) await tracksGenerations(journey, each.tracks);
  await forgetsWhoLeaves(journey);
}

async function createTemplate({ each, planes, kind, ref }: Journey): Promise<void> {
  const { client } = planes;
  const metadata = ref.namespace === undefined ? { name: ref.name } : { name: ref.name, namespace: ref.namespace };
  const replicas = each.replicas === undefined ? {} : { [each.replicas]: share * members.length };
  await client.create(kind, { metadata, spec: { ...each.spec, ...replicas } });
  const divided = {
    replicaSchedulingType: "Divided" as const,
    replicaDivisionPreference: "Weighted" as const,
    weightPreference: { staticWeightList: [{ weight: 1, targetCluster: {} }] },
  };
  const spec = {
    resourceSelectors: [{ apiVersion: each.apiVersion, kind: kind.kind, name: ref.name }],
    placement: each.replicas === undefined ? {} : { replicaScheduling: divided },
  };
  const policy = { metadata: { ...metadata, name: `${ref.name}-policy` }, spec };
  if (kind.namespaced) await client.create(PropagationPolicy, policy);
  else await client.create(ClusterPropagationPolicy, policy);
}

/** Each member has the object, with its share of the replicas. */
async function arrives({ each, planes, kind, ref, binding }: Journey): Promise<void> {
  const isShare = (object: KubeObject): boolean =>
    each.replicas === undefined || fieldOf(object, "spec", each.replicas) === share;
  for (const member of members) {
    await eventuallyObject(planes.member(member), kind, ref, isShare);
    await eventually("the template's generation goes along", async () => {
      // Built-in kinds without generations have none to take along. A policy's claim can make a new one.
      const { generation } = (await planes.client.get(kind, ref)).metadata;
      const { annotations } = (await planes.member(member).get(kind, ref)).metadata;
      return annotations?.[karmadaAnnotations.templateGeneration] === generation?.toString();
    });
  }
  const { spec } = await bindingAs(planes, binding, () => true);
  assert.equal(spec.replicas, each.replicas === undefined ? each.bound : share * members.length);
}

/** All are well; then one is not, and then it is again. */
async function tellsHealth(journey: Journey): Promise<void> {
  const { each, planes, kind, ref, binding } = journey;
  const healths = (...expected: readonly string[]): Promise<ResourceBinding> =>
    bindingAs(planes, binding, ({ status }) => {
      const items = status?.aggregatedStatus ?? [];
      return items.map(({ health }) => health).join(" ") === expected.join(" ");
    });
  if (each.sick !== undefined) await healths("Unhealthy", "Unhealthy", "Unhealthy");
  for (const member of members) await report(journey, member);
  await healths("Healthy", "Healthy", "Healthy");
  if (each.sum !== undefined) await templateSays(journey, each.sum);
  else assert.equal((await planes.client.get(kind, ref))["status"], undefined);
  if (each.sick === undefined) return;
  await report(journey, "m2", each.sick);
  await healths("Healthy", "Unhealthy", "Healthy");
  await report(journey, "m2");
  const { status } = await healths("Healthy", "Healthy", "Healthy");
  const [first] = status?.aggregatedStatus ?? [];
  const object = await planes.member("m1").get(kind, ref);
  const reflected = first?.status ?? {};
  for (const [name, value] of Object.entries(each.status(1, object.metadata.generation ?? 0))) {
    if (each.stays?.includes(name) !== true) assert.deepEqual(reflected[name], value, `status.${name} travels`);
  }
  if (each.tracks !== undefined) assert.equal(reflected["generation"], object.metadata.generation);
}

/** A new generation of the template counts as observed when the last of the members has observed it. */
async function tracksGenerations(journey: Journey, [field, value]: Required<KindCase>["tracks"]): Promise<void> {
  const { planes, kind, ref } = journey;
  const before = await planes.client.get(kind, ref);
  assert.equal(fieldOf(before, "status", "observedGeneration"), before.metadata.generation);
  await planes.client.patch(kind, ref, { type: "merge", patch: { spec: { [field]: value } } });
  for (const member of members) {
    await eventuallyObject(planes.member(member), kind, ref, (object) => fieldOf(object, "spec", field) === value);
  }
  for (const member of ["m1", "m2"] as const) await report(journey, member);
  await aWhile(150);
  const during = await planes.client.get(kind, ref);
  assert.ok(Number(fieldOf(during, "status", "observedGeneration")) < (during.metadata.generation ?? 0));
  await report(journey, "m3");
  await eventuallyObject(
    planes.client,
    kind,
    ref,
    (object) => fieldOf(object, "status", "observedGeneration") === object.metadata.generation,
  );
}

/** What the member said that the object has left is in no sum any more. */
async function forgetsWhoLeaves(journey: Journey): Promise<void> {
  const { each, planes, kind, ref, binding } = journey;
  const patch = { spec: { placement: { clusterAffinity: { clusterNames: ["m1", "m2"] } } } };
  const policy = { ...ref, name: `${ref.name}-policy` };
  if (kind.namespaced) await planes.client.patch(PropagationPolicy, policy, { type: "merge", patch });
  else await planes.client.patch(ClusterPropagationPolicy, policy, { type: "merge", patch });
  await bindingAs(planes, binding, ({ status }) => status?.aggregatedStatus?.length === 2);
  await eventually("it has left m3", async () => (await planes.member("m3").find(kind, ref)) === undefined);
  if (each.sum === undefined) return;
  const thirds = Object.entries(each.sum).flatMap(([name, value]) => (isCounter(each, name, value) ? [name] : []));
  for (const name of thirds) {
    const sum = [1, 2].reduce((total, n) => total + Number(each.status(n, 1)[name] ?? 0), 0);
    await eventuallyObject(planes.client, kind, ref, (object) => fieldOf(object, "status", name) === sum);
  }
}

/** A number that is the members' sum, not the last one's. */
function isCounter({ status }: KindCase, name: string, value: unknown): boolean {
  const numbers = [1, 2, 3].map((n) => Number(status(n, 1)[name] ?? 0));
  return typeof value === "number" && value === numbers.reduce((sum, number) => sum + number, 0) && value > 0;
}

/** What runs in the member says how its object is. */
async function report(
  { each, planes, kind, ref }: Journey,
  member: (typeof members)[number],
  wrong = {},
): Promise<void> {
  const client = planes.member(member);
  await eventually(`a report from ${member}`, async () => {
    const object = await client.get(kind, ref);
    const status = { ...each.status(members.indexOf(member) + 1, object.metadata.generation ?? 0), ...wrong };
    try {
      await client.update(kind, { ...object, status }, { subresource: "status" });
      return true;
    } catch (error) {
      if (isApiError(error, "Conflict")) return false;
      throw error;
    }
  });
}

async function templateSays({ planes, kind, ref }: Journey, sum: Readonly<Record<string, unknown>>): Promise<void> {
  const template = await eventuallyObject(planes.client, kind, ref, (object) => isLike(fieldOf(object, "status"), sum));
  assert.ok(template);
}

/** Whether a value has all that is expected, perhaps more. */
function isLike(value: unknown, expected: unknown): boolean {
  if (Array.isArray(expected)) {
    return (
      Array.isArray(value) && value.length === expected.length && expected.every((item, n) => isLike(value[n], item))
    );
  }
  if (!isRecord(expected)) return value === expected;
  return isRecord(value) && Object.entries(expected).every(([name, inner]) => isLike(value[name], inner));
}

function bindingAs(
  { client }: Planes,
  ref: ObjectRef,
  check: (binding: ResourceBinding) => boolean,
): Promise<ResourceBinding> {
  const kind = ref.namespace === undefined ? ClusterResourceBinding : ResourceBinding;
  return eventuallyObject(client, kind, ref, check);
}
