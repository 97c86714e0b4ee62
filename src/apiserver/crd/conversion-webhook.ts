// Has objects converted between versions by the webhook that their definition names: a few at a time, within bounds.
// Upstream: k8s.io/apiextensions-apiserver/pkg/apiserver/conversion/webhook_converter.go.
import type { CustomResourceDefinition } from "#api/kinds.ts";
import type { ConvertObjects } from "#api/resource.ts";
import type { MutableObject } from "#machinery/admission.ts";
import { ApiError, errorText } from "#machinery/api-error.ts";
import { encodeJson } from "#machinery/json.ts";
import { forEachBounded } from "#std/bounded.ts";
import type { Random } from "#std/random.ts";
import { Slots } from "#std/slots.ts";
import { callWebhook, type WebhookCalls } from "../admission/webhooks/call.ts";
import { type Webhook, webhookClientOf, webhookReviewVersion } from "../admission/webhooks/webhook.ts";
import {
  aboutOf,
  BadConversionError,
  conversionBody,
  type ConversionRequest,
  readConversion,
} from "./conversion-review.ts";

const timeoutSeconds = 30;
/** Objects in one call: lists are converted in few calls, of which each is small enough to be answered in time. */
const objectsPerCallMax = 100;
const bytesPerCallMax = 1024 * 1024;
/** Calls at once, for one list or watch, and for all readers of a kind. */
const callsAtOnce = 4;
const callsAtOnceMax = 16;

export interface ConversionWebhooksOptions extends WebhookCalls {
  readonly random: Random;
}

/** How the objects of a definition are converted; undefined: not by a webhook. */
export type ConversionWebhooks = (crd: CustomResourceDefinition) => ConvertObjects | undefined;

type Client = Pick<Webhook, "address" | "authority" | "reviewVersion" | "timeoutSeconds">;

export function conversionWebhooks(options: ConversionWebhooksOptions): ConversionWebhooks {
  return ({ spec: { conversion } }) => {
    if (conversion?.strategy !== "Webhook") return undefined;
    const reviewVersion = webhookReviewVersion(conversion.webhook?.conversionReviewVersions ?? []);
    const address = webhookClientOf({ ...conversion.webhook?.clientConfig });
    const client: Client = { ...address, reviewVersion, timeoutSeconds };
    const slots = new Slots(callsAtOnceMax);
    return async (objects, apiVersion) => {
      const converted: (readonly MutableObject[])[] = [];
      const calls = [...callsOf(objects).entries()];
      const errors = await forEachBounded(calls, callsAtOnce, async ([index, some]) => {
        using _slot = await slots.take();
        converted[index] = await convert(client, some, apiVersion, options);
      });
      if (errors.length > 0) throw errors[0];
      return converted.flat();
    };
  };
}

/** The objects in calls, by number and rough size. */
function callsOf(objects: readonly MutableObject[]): readonly (readonly MutableObject[])[] {
  const calls: MutableObject[][] = [];
  let bytes = Infinity;
  for (const object of objects) {
    const size = encodeJson(object).length;
    let call = calls.at(-1);
    if (call === undefined || call.length === objectsPerCallMax || bytes + size > bytesPerCallMax) {
      call = [];
      calls.push(call);
      bytes = 0;
    }
    call.push(object);
    bytes += size;
  }
  return calls;
}

async function convert(
  client: Client,
  objects: readonly MutableObject[],
  desiredAPIVersion: string,
  options: ConversionWebhooksOptions,
): Promise<readonly MutableObject[]> {
  const { reviewVersion } = client;
  const request: ConversionRequest = { reviewVersion, uid: options.random.uuid(), objects, desiredAPIVersion };
  let answer: Uint8Array;
  try {
    answer = await callWebhook(client, conversionBody(request), options);
  } catch (error) {
    throw new ApiError("Unknown", `${aboutOf(request)} failed: ${errorText(error)}`, { cause: error });
  }
  try {
    return readConversion(request, answer);
  } catch (error) {
    if (!(error instanceof BadConversionError)) throw error;
    throw new ApiError("Unknown", error.message, { cause: error });
  }
}
