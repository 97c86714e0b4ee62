// The Kubernetes types that estimators' messages carry as bytes.
// Upstream: k8s.io/api/core/v1/generated.proto, k8s.io/apimachinery/pkg/api/resource/generated.proto.
import { decodeProtobufMessage } from "#api/builtin/protobuf.ts";
import type { NodeSelector, Toleration } from "#api/generated/types.ts";
import { isArray, isRecord, isString } from "#machinery/guards.ts";
import { ProtobufWriter } from "#machinery/protobuf-wire.ts";

export function encodeQuantity(text: string): Buffer {
  return new ProtobufWriter().string(1, text).finish();
}

export function decodeQuantity(bytes: Uint8Array): string {
  const value = decodeProtobufMessage("quantity.Quantity", bytes);
  return isString(value) ? value : "0";
}

export function encodeNodeSelector({ nodeSelectorTerms }: NodeSelector): Buffer {
  const writer = new ProtobufWriter();
  for (const { matchExpressions = [], matchFields = [] } of nodeSelectorTerms) {
    writer.message(1, (term) => {
      for (const each of matchExpressions) term.bytes(1, encodeRequirement(each));
      for (const each of matchFields) term.bytes(2, encodeRequirement(each));
    });
  }
  return writer.finish();
}

type Requirement = NonNullable<NodeSelector["nodeSelectorTerms"][number]["matchFields"]>[number];

function encodeRequirement({ key, operator, values = [] }: Requirement): Buffer {
  const writer = new ProtobufWriter().string(1, key).string(2, operator);
  for (const value of values) writer.bytes(3, Buffer.from(value));
  return writer.finish();
}

export function decodeNodeSelector(bytes: Uint8Array): NodeSelector {
  const value = decodeProtobufMessage("core/v1.NodeSelector", bytes);
  return isNodeSelector(value) ? value : { nodeSelectorTerms: [] };
}

/** The decoder's table gives the fields their types; terms alone may be missing. */
function isNodeSelector(value: unknown): value is NodeSelector {
  return isRecord(value) && isArray(value["nodeSelectorTerms"]);
}

export function encodeToleration({ key, operator, value, effect, tolerationSeconds }: Toleration): Buffer {
  return new ProtobufWriter()
    .string(1, key)
    .string(2, operator)
    .string(3, value)
    .string(4, effect)
    .int(5, tolerationSeconds)
    .finish();
}

export function decodeToleration(bytes: Uint8Array): Toleration {
  const value = decodeProtobufMessage("core/v1.Toleration", bytes);
  return isToleration(value) ? value : {};
}

/** All its fields are optional. */
function isToleration(value: unknown): value is Toleration {
  return isRecord(value);
}
