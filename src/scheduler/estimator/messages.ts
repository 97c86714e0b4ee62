// What the scheduler, the descheduler and estimators say to each other, and its form on the wire.
// Upstream: karmada pkg/estimator/pb/estimator.proto (v1.18), pkg/estimator/service/service.proto.
import type { Component, ReplicaRequirements } from "#api/work/binding.ts";
import { bytesWire, ProtobufReader, ProtobufWriter } from "#machinery/protobuf-wire.ts";
import {
  decodeNodeSelector,
  decodeQuantity,
  decodeToleration,
  encodeNodeSelector,
  encodeQuantity,
  encodeToleration,
} from "./kubernetes-messages.ts";

/** Workloads that were sent to the cluster and whose pods are not there yet. */
export interface AssumedWorkload {
  readonly namespace: string;
  readonly components: readonly Component[];
}

export interface MaxAvailableReplicasRequest {
  readonly cluster: string;
  readonly replicaRequirements: ReplicaRequirements;
  readonly assumedWorkloads: readonly AssumedWorkload[];
}

export interface MaxAvailableComponentSetsRequest {
  readonly cluster: string;
  readonly components: readonly Component[];
  readonly namespace: string;
  readonly assumedWorkloads: readonly AssumedWorkload[];
}

export interface UnschedulableReplicasRequest {
  readonly cluster: string;
  readonly resource: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
  };
  readonly thresholdMilliseconds: number;
}

/** A method of the service: every answer is one number. */
export interface EstimatorMethod<Request> {
  readonly path: string;
  encode(request: Request): Buffer;
  decode(bytes: Uint8Array): Request;
}

const service = "/github.com.karmada_io.karmada.pkg.estimator.service.Estimator";
const nanosecondsPerMillisecond = 1_000_000n;

export const maxAvailableReplicas: EstimatorMethod<MaxAvailableReplicasRequest> = {
  path: `${service}/MaxAvailableReplicas`,
  encode({ cluster, replicaRequirements, assumedWorkloads }) {
    const writer = new ProtobufWriter().string(1, cluster).message(2, (inner) => {
      writeRequirements(inner, replicaRequirements, replicaFields);
      inner.string(3, replicaRequirements.namespace);
    });
    for (const each of assumedWorkloads) writer.bytes(3, encodeAssumed(each));
    return writer.finish();
  },
  decode(bytes) {
    let cluster = "";
    let replicaRequirements: ReplicaRequirements = {};
    const assumedWorkloads: AssumedWorkload[] = [];
    eachBytesField(bytes, (field, value) => {
      if (field === 1) cluster = text(value);
      else if (field === 2) replicaRequirements = decodeReplicaRequirements(value);
      else if (field === 3) assumedWorkloads.push(decodeAssumed(value));
    });
    return { cluster, replicaRequirements, assumedWorkloads };
  },
};

export const maxAvailableComponentSets: EstimatorMethod<MaxAvailableComponentSetsRequest> = {
  path: `${service}/MaxAvailableComponentSets`,
  encode({ cluster, components, namespace, assumedWorkloads }) {
    const writer = new ProtobufWriter().string(1, cluster);
    for (const each of components) writer.bytes(2, encodeComponent(each));
    writer.string(3, namespace);
    for (const each of assumedWorkloads) writer.bytes(4, encodeAssumed(each));
    return writer.finish();
  },
  decode(bytes) {
    let cluster = "";
    let namespace = "";
    const components: Component[] = [];
    const assumedWorkloads: AssumedWorkload[] = [];
    eachBytesField(bytes, (field, value) => {
      if (field === 1) cluster = text(value);
      else if (field === 2) components.push(decodeComponent(value));
      else if (field === 3) namespace = text(value);
      else if (field === 4) assumedWorkloads.push(decodeAssumed(value));
    });
    return { cluster, components, namespace, assumedWorkloads };
  },
};

export const getUnschedulableReplicas: EstimatorMethod<UnschedulableReplicasRequest> = {
  path: `${service}/GetUnschedulableReplicas`,
  encode({ cluster, resource, thresholdMilliseconds }) {
    const { apiVersion, kind, namespace, name } = resource;
    return new ProtobufWriter()
      .string(1, cluster)
      .message(2, (inner) => inner.string(1, apiVersion).string(2, kind).string(3, namespace).string(4, name))
      .int(3, BigInt(Math.round(thresholdMilliseconds)) * nanosecondsPerMillisecond)
      .finish();
  },
  decode(bytes) {
    const reader = new ProtobufReader(bytes);
    let cluster = "";
    let resource = { apiVersion: "", kind: "", namespace: "", name: "" };
    let thresholdMilliseconds = 0;
    while (!reader.isAtEnd) {
      const { field, wire } = reader.tag();
      if (field === 1 && wire === bytesWire) cluster = text(reader.bytes());
      else if (field === 2 && wire === bytesWire) resource = decodeReference(reader.bytes());
      else if (field === 3)
        thresholdMilliseconds = Number(BigInt.asIntN(64, reader.varint()) / nanosecondsPerMillisecond);
      else reader.skip(wire);
    }
    return { cluster, resource, thresholdMilliseconds };
  },
};

/** All three responses have one int32 in field 1. */
export function encodeNumber(value: number): Buffer {
  return new ProtobufWriter().int(1, value).finish();
}

export function decodeNumber(bytes: Uint8Array): number {
  const reader = new ProtobufReader(bytes);
  let value = 0;
  while (!reader.isAtEnd) {
    const { field, wire } = reader.tag();
    if (field === 1) value = Number(BigInt.asIntN(32, reader.varint()));
    else reader.skip(wire);
  }
  return value;
}

/** Where the two kinds of requirements have what. `typed` is what v1.17 reads, and v1.18 where the bytes are missing. */
interface RequirementFields {
  readonly priorityClassName: number;
  readonly resourceRequest: number;
}
const typedResourceRequest = 2;
const replicaFields: RequirementFields = { priorityClassName: 4, resourceRequest: 5 };
const componentFields: RequirementFields = { priorityClassName: 3, resourceRequest: 4 };

type Requirements = Omit<ReplicaRequirements, "namespace">;

function writeRequirements(writer: ProtobufWriter, requirements: Requirements, fields: RequirementFields): void {
  const { nodeClaim, priorityClassName, resourceRequest = {} } = requirements;
  if (nodeClaim !== undefined) writer.bytes(1, encodeNodeClaim(nodeClaim));
  writer.string(fields.priorityClassName, priorityClassName);
  for (const [name, amount] of Object.entries(resourceRequest)) {
    const entry = new ProtobufWriter()
      .string(1, name)
      .bytes(2, encodeQuantity(String(amount)))
      .finish();
    // A message and its bytes look the same on the wire: estimators of v1.17 read the one, of v1.19 the other.
    writer.bytes(typedResourceRequest, entry).bytes(fields.resourceRequest, entry);
  }
}

function decodeReplicaRequirements(bytes: Uint8Array): ReplicaRequirements {
  let namespace = "";
  eachBytesField(bytes, (field, value) => {
    if (field === 3) namespace = text(value);
  });
  return { ...decodeRequirements(bytes, replicaFields), ...(namespace === "" ? {} : { namespace }) };
}

function decodeRequirements(bytes: Uint8Array, fields: RequirementFields): Requirements {
  let nodeClaim: Requirements["nodeClaim"];
  let priorityClassName = "";
  const typed = new Map<string, string>();
  const plain = new Map<string, string>();
  eachBytesField(bytes, (field, value) => {
    if (field === 1) nodeClaim = decodeNodeClaim(value);
    else if (field === fields.priorityClassName) priorityClassName = text(value);
    else if (field === fields.resourceRequest) readAmount(value, plain);
    else if (field === typedResourceRequest) readAmount(value, typed);
  });
  const amounts = plain.size > 0 ? plain : typed;
  return {
    ...(nodeClaim === undefined ? {} : { nodeClaim }),
    ...(priorityClassName === "" ? {} : { priorityClassName }),
    ...(amounts.size === 0 ? {} : { resourceRequest: Object.fromEntries(amounts) }),
  };
}

function readAmount(bytes: Uint8Array, amounts: Map<string, string>): void {
  const [name, value] = entryOf(bytes);
  amounts.set(text(name), decodeQuantity(value));
}

type NodeClaim = NonNullable<ReplicaRequirements["nodeClaim"]>;

function encodeNodeClaim({ hardNodeAffinity, nodeSelector = {}, tolerations = [] }: NodeClaim): Buffer {
  const writer = new ProtobufWriter();
  const affinity = hardNodeAffinity === undefined ? undefined : encodeNodeSelector(hardNodeAffinity);
  if (affinity !== undefined) writer.bytes(1, affinity);
  for (const [key, value] of Object.entries(nodeSelector)) {
    writer.message(2, (entry) => entry.string(1, key).string(2, value));
  }
  const encoded = tolerations.map(encodeToleration);
  for (const each of encoded) writer.bytes(3, each);
  if (affinity !== undefined) writer.bytes(4, affinity);
  for (const each of encoded) writer.bytes(5, each);
  return writer.finish();
}

function decodeNodeClaim(bytes: Uint8Array): NodeClaim {
  let affinity: Uint8Array | undefined;
  const nodeSelector = new Map<string, string>();
  const typed: Uint8Array[] = [];
  const plain: Uint8Array[] = [];
  eachBytesField(bytes, (field, value) => {
    if (field === 1) affinity ??= value;
    else if (field === 2) nodeSelector.set(...pairOf(value));
    else if (field === 3) typed.push(value);
    else if (field === 4) affinity = value;
    else if (field === 5) plain.push(value);
  });
  const tolerations = (plain.length > 0 ? plain : typed).map(decodeToleration);
  return {
    ...(affinity === undefined || affinity.length === 0 ? {} : { hardNodeAffinity: decodeNodeSelector(affinity) }),
    ...(nodeSelector.size === 0 ? {} : { nodeSelector: Object.fromEntries(nodeSelector) }),
    ...(tolerations.length === 0 ? {} : { tolerations }),
  };
}

function encodeComponent({ name, replicas, replicaRequirements }: Component): Buffer {
  return new ProtobufWriter()
    .string(1, name)
    .message(2, (inner) => {
      writeRequirements(inner, replicaRequirements ?? {}, componentFields);
    })
    .int(3, replicas)
    .finish();
}

function decodeComponent(bytes: Uint8Array): Component {
  const reader = new ProtobufReader(bytes);
  let name = "";
  let replicas = 0;
  let replicaRequirements: Requirements = {};
  while (!reader.isAtEnd) {
    const { field, wire } = reader.tag();
    if (field === 1 && wire === bytesWire) name = text(reader.bytes());
    else if (field === 2 && wire === bytesWire)
      replicaRequirements = decodeRequirements(reader.bytes(), componentFields);
    else if (field === 3) replicas = Number(BigInt.asIntN(32, reader.varint()));
    else reader.skip(wire);
  }
  return { name, replicas, replicaRequirements };
}

function encodeAssumed({ namespace, components }: AssumedWorkload): Buffer {
  const writer = new ProtobufWriter().string(1, namespace);
  for (const each of components) writer.bytes(2, encodeComponent(each));
  return writer.finish();
}

function decodeAssumed(bytes: Uint8Array): AssumedWorkload {
  let namespace = "";
  const components: Component[] = [];
  eachBytesField(bytes, (field, value) => {
    if (field === 1) namespace = text(value);
    else if (field === 2) components.push(decodeComponent(value));
  });
  return { namespace, components };
}

function decodeReference(bytes: Uint8Array): UnschedulableReplicasRequest["resource"] {
  const parts = new Map<number, string>();
  eachBytesField(bytes, (field, value) => parts.set(field, text(value)));
  const part = (field: number): string => parts.get(field) ?? "";
  return { apiVersion: part(1), kind: part(2), namespace: part(3), name: part(4) };
}

function pairOf(bytes: Uint8Array): [string, string] {
  const [key, value] = entryOf(bytes);
  return [text(key), text(value)];
}

function entryOf(bytes: Uint8Array): [Uint8Array, Uint8Array] {
  let key: Uint8Array = new Uint8Array(0);
  let value: Uint8Array = new Uint8Array(0);
  eachBytesField(bytes, (field, inner) => {
    if (field === 1) key = inner;
    else if (field === 2) value = inner;
  });
  return [key, value];
}

function eachBytesField(bytes: Uint8Array, tell: (field: number, value: Uint8Array) => void): void {
  const reader = new ProtobufReader(bytes);
  while (!reader.isAtEnd) {
    const { field, wire } = reader.tag();
    if (wire === bytesWire) tell(field, reader.bytes());
    else reader.skip(wire);
  }
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}
