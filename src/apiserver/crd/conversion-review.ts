// ConversionReview: what a conversion webhook is asked, and how its answer is read. Pure. Its texts are API.
// Upstream: k8s.io/apiextensions-apiserver/pkg/apiserver/conversion/webhook_converter.go.
import { childOf, listOf, textOf } from "#api/builtin/access.ts";
import type { MutableObject } from "#machinery/admission.ts";
import { errorText } from "#machinery/api-error.ts";
import { isRecord, isStringMap } from "#machinery/guards.ts";
import { parseJson } from "#machinery/json.ts";
import { responseTo } from "../admission/webhooks/review.ts";
import { isMutableObject } from "../crud/stored-form.ts";

const group = "apiextensions.k8s.io";
const kind = "ConversionReview";

export interface ConversionRequest {
  readonly reviewVersion: "v1" | "v1beta1";
  readonly uid: string;
  readonly objects: readonly MutableObject[];
  readonly desiredAPIVersion: string;
}

/** The body to send. */
export function conversionBody({ reviewVersion, ...request }: ConversionRequest): object {
  return { kind, apiVersion: `${group}/${reviewVersion}`, request };
}

/** An answer that is none. Its message is the whole of what the client is told. */
export class BadConversionError extends Error {
  override readonly name = "BadConversionError";
}

/** The converted objects of an answer, with the metadata that they had. Throws BadConversionError. */
export function readConversion(request: ConversionRequest, body: Uint8Array): readonly MutableObject[] {
  const { objects, desiredAPIVersion } = request;
  const about = aboutOf(request);
  let converted: readonly unknown[];
  try {
    converted = convertedObjects(request, parseJson(body));
  } catch (error) {
    throw new BadConversionError(`${about} failed: ${errorText(error)}`);
  }
  if (converted.length !== objects.length) {
    const found = `returned ${String(converted.length)} objects, expected ${String(objects.length)}`;
    throw new BadConversionError(`${about} ${found}`);
  }
  return objects.map((original, index) => {
    const outcome = accepted(original, converted[index], desiredAPIVersion);
    if (typeof outcome !== "string") return outcome;
    throw new BadConversionError(`${about} returned ${outcome}`);
  });
}

/** `conversion webhook for example.com/v1, Kind=Widget`. */
export function aboutOf({ objects }: Pick<ConversionRequest, "objects">): string {
  const [first] = objects;
  return `conversion webhook for ${first?.apiVersion ?? ""}, Kind=${first?.kind ?? ""}`;
}

function convertedObjects({ reviewVersion, uid }: ConversionRequest, answer: unknown): readonly unknown[] {
  const sent = { group, kind, reviewVersion, uid, absent: "no response provided" };
  const response = responseTo(sent, isRecord(answer) ? answer : {});
  const result = childOf(response, "result");
  const status = textOf(result, "status");
  if (status === "Success") return listOf(response, "convertedObjects");
  const message = textOf(result, "message");
  throw new Error(message === "" ? `response.result.status was '${status}', not 'Success'` : message);
}

/** The object with its metadata restored but for labels and annotations; a text: why it is none. */
function accepted(original: MutableObject, converted: unknown, desired: string): MutableObject | string {
  if (!isRecord(converted)) return "invalid object: not an object";
  const version = textOf(converted, "apiVersion");
  if (version !== desired) {
    return `invalid object at index 0: invalid groupVersion (expected ${desired}, received ${version})`;
  }
  const found = textOf(converted, "kind");
  if (found !== original.kind) {
    return `invalid object at index 0: invalid kind (expected ${original.kind}, received ${found})`;
  }
  const metadata = childOf(converted, "metadata");
  if (metadata === undefined) return "invalid metadata: missing metadata in converted object";
  for (const [field, title] of fixed) {
    const [before, after] = [textOf(original.metadata, field), textOf(metadata, field)];
    if (before !== after) return `invalid object: must have the same ${title}: ${before} != ${after}`;
  }
  const restored: Record<string, unknown> = { ...original.metadata };
  for (const field of ["labels", "annotations"]) {
    const value = metadata[field];
    if (value === undefined || value === null) Reflect.deleteProperty(restored, field);
    else if (isStringMap(value)) restored[field] = value;
    else return `invalid metadata: invalid ${field}`;
  }
  const object: Record<string, unknown> = { ...converted, metadata: restored };
  return isMutableObject(object) ? object : "invalid object: it has no name";
}

const fixed = [
  ["name", "name"],
  ["namespace", "namespace"],
  ["uid", "UID"],
] as const;
