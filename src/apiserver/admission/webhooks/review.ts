// AdmissionReview: what is asked and how the answer is read. Pure.
// Upstream: k8s.io/api/admission/v1/types.go, apiserver pkg/admission/plugin/webhook/request/admissionreview.go.
import { childOf, type Fields, textOf, textsOf } from "#api/builtin/access.ts";
import { type ApiError, errorFromStatus, errorText } from "#machinery/api-error.ts";
import { isRecord } from "#machinery/guards.ts";
import { parseJson } from "#machinery/json.ts";
import { decodeJsonPatch, type JsonPatchOperation } from "#machinery/patch/json-patch.ts";
import { type ReviewInput, reviewRequest } from "../review-request.ts";
import type { Webhook } from "./webhook.ts";

const group = "admission.k8s.io";
const kind = "AdmissionReview";

/** The body to send. */
export function reviewBody(webhook: Pick<Webhook, "reviewVersion">, input: ReviewInput): object {
  return {
    kind,
    apiVersion: `${group}/${webhook.reviewVersion}`,
    request: { ...reviewRequest(input), object: input.object ?? null, oldObject: input.old ?? null },
  };
}

export interface ReviewAnswer {
  readonly allowed: boolean;
  /** Why not; set where `allowed` is false. */
  readonly denial: ApiError | undefined;
  readonly patch: readonly JsonPatchOperation[];
  readonly warnings: readonly string[];
}

/** An answer that is none. Its message says why. */
export class BadReviewError extends Error {
  override readonly name = "BadReviewError";
}

/** Reads the answer to the review `uid`. Throws BadReviewError where it is not one. */
export function readReview(
  webhook: Pick<Webhook, "name" | "reviewVersion">,
  uid: string,
  body: Uint8Array,
  mutating: boolean,
): ReviewAnswer {
  const { reviewVersion } = webhook;
  const response = responseTo({ group, kind, reviewVersion, uid, absent: "webhook response was absent" }, parsed(body));
  const patch = patchOf(response, webhook, mutating);
  const allowed = response["allowed"] === true;
  return {
    allowed,
    patch: allowed ? patch : [],
    denial: allowed ? undefined : denialOf(webhook.name, childOf(response, "status")),
    warnings: textsOf(response, "warnings"),
  };
}

function parsed(body: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = parseJson(body);
  } catch (error) {
    throw new BadReviewError(`couldn't get version/kind; json parse error: ${errorText(error)}`, { cause: error });
  }
  if (!isRecord(value)) throw new BadReviewError("the answer is not a JSON object");
  return value;
}

/** A review that has been sent: of admission, or of conversion. */
export interface SentReview extends Pick<Webhook, "reviewVersion"> {
  readonly group: string;
  readonly kind: string;
  readonly uid: string;
  /** What is said of an answer without a response. */
  readonly absent: string;
}

/** The response in the answer to a review; v1beta1 looked neither at the kind nor at the uid. Throws BadReviewError. */
export function responseTo({ group, kind, reviewVersion, uid, absent }: SentReview, answer: Fields): Fields {
  const response = childOf(answer, "response");
  if (reviewVersion === "v1") {
    const found = `${textOf(answer, "apiVersion")}, Kind=${textOf(answer, "kind")}`;
    const wanted = `${group}/v1, Kind=${kind}`;
    if (found !== wanted) throw new BadReviewError(`expected webhook response of ${wanted}, got ${found}`);
  }
  if (response === undefined) throw new BadReviewError(absent);
  const given = textOf(response, "uid");
  if (reviewVersion === "v1" && given !== uid) {
    throw new BadReviewError(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(given)}`);
  }
  return response;
}

function patchOf(
  response: Record<string, unknown>,
  { reviewVersion }: Pick<Webhook, "reviewVersion">,
  mutating: boolean,
): readonly JsonPatchOperation[] {
  const text = textOf(response, "patch");
  const type = textOf(response, "patchType");
  if (!mutating) {
    if (text !== "") throw new BadReviewError("validating webhook may not return response.patch");
    if (type !== "") throw new BadReviewError("validating webhook may not return response.patchType");
    return [];
  }
  if (reviewVersion === "v1") {
    if (text !== "" && type === "")
      throw new BadReviewError("webhook returned response.patch but not response.patchType");
    if (text === "" && type !== "")
      throw new BadReviewError("webhook returned response.patchType but not response.patch");
  }
  if (text === "") return [];
  if (type !== "" && type !== "JSONPatch") throw new BadReviewError(`invalid value of response.patchType ${type}`);
  try {
    return decodeJsonPatch(parseJson(Buffer.from(text, "base64")));
  } catch (error) {
    throw new BadReviewError(`received undecodable patch in webhook response: ${errorText(error)}`, { cause: error });
  }
}

/** The webhook's own status, as a failure whatever it says. */
function denialOf(name: string, status: Record<string, unknown> | undefined): ApiError {
  const said = textOf(status, "message");
  const reason = textOf(status, "reason");
  const given = status?.["code"];
  const code = typeof given === "number" && given >= 400 && given < 600 ? given : 400;
  const why = said === "" ? reason : said;
  const denied = `admission webhook "${name}" denied the request`;
  const message = why === "" ? `${denied} without explanation` : `${denied}: ${why}`;
  return errorFromStatus({ ...status, message, code }, code);
}
