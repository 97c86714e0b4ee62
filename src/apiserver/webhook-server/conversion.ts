// ConversionReview from the side of the webhook: bindings between the versions of work.karmada.io. Pure.
// Upstream: k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1/types.go; controller-runtime pkg/webhook/conversion.
import { childOf, listOf, textOf } from "#api/builtin/access.ts";
import { bindingVersions, convertBinding } from "#api/work/binding-conversion.ts";
import { ApiError, errorText } from "#machinery/api-error.ts";
import { isKubeObject, isRecord } from "#machinery/guards.ts";
import { parseJson } from "#machinery/json.ts";
import type { KubeObject } from "#machinery/object.ts";

const apiVersion = "apiextensions.k8s.io/v1";
const kind = "ConversionReview";
const kinds: readonly string[] = ["ResourceBinding", "ClusterResourceBinding"];

/** The answer to the review in `body`. Throws ApiError BadRequest where it is none. */
export function answerConversion(body: Uint8Array): object {
  const review = parseJson(body);
  const asked = isRecord(review) ? childOf(review, "request") : undefined;
  if (!isRecord(review) || asked === undefined || review["apiVersion"] !== apiVersion || review["kind"] !== kind) {
    throw new ApiError("BadRequest", `the body must be a ${kind} of ${apiVersion} with a request`);
  }
  const uid = textOf(asked, "uid");
  try {
    const desired = textOf(asked, "desiredAPIVersion");
    const convertedObjects = listOf(asked, "objects").map((object, index) => converted(object, index, desired));
    return { apiVersion, kind, response: { uid, convertedObjects, result: { status: "Success" } } };
  } catch (error) {
    const result = { status: "Failure", message: errorText(error) };
    return { apiVersion, kind, response: { uid, convertedObjects: [], result } };
  }
}

function converted(object: unknown, index: number, desired: string): KubeObject {
  const path = `request.objects[${index}]`;
  if (!isKubeObject(object)) throw new ApiError("BadRequest", `${path} must be an object with apiVersion and kind`);
  const known =
    kinds.includes(object.kind) && [object.apiVersion, desired].every((each) => bindingVersions.includes(each));
  if (!known) {
    const valid = `${kinds.join(" and ")} are converted between ${bindingVersions.join(" and ")}`;
    throw new ApiError("BadRequest", `${path}: ${object.kind} of ${object.apiVersion} to ${desired}: ${valid}`);
  }
  return convertBinding(object, desired);
}
