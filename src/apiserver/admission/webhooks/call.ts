// Calls a webhook of the cluster: of admission, or of conversion. Upstream: k8s.io/apiserver/pkg/util/webhook/client.go.
import { placeOfService, type WebhookPlace } from "#client/service-place.ts";
import { callErrorText, type WebhookCaller } from "#client/webhook-caller.ts";
import { encodeJson } from "#machinery/json.ts";
import type { KubeObject } from "#machinery/object.ts";
import { deadlineSignal } from "#std/abort.ts";
import type { Clock } from "#std/time.ts";
import type { Webhook, WebhookAddress } from "./webhook.ts";

/** Finds a Service; undefined: there is none. */
export type FindService = (ref: {
  readonly namespace: string;
  readonly name: string;
}) => Promise<KubeObject | undefined>;

export interface WebhookCalls {
  readonly caller: WebhookCaller;
  readonly findService: FindService;
  readonly clock: Clock;
  /** Ends calls under way. */
  readonly signal: AbortSignal;
}

/** The body of its answer to `review`. Throws an Error that says why there is none. */
export async function callWebhook(
  { address, authority, timeoutSeconds }: Pick<Webhook, "address" | "authority" | "timeoutSeconds">,
  review: object,
  { caller, findService, clock, signal }: WebhookCalls,
): Promise<Uint8Array> {
  const { url, serverName } = await locate(address, findService);
  const asked = `${url}?timeout=${String(timeoutSeconds)}s`;
  const body = encodeJson(review);
  using deadline = deadlineSignal(clock, timeoutSeconds * 1000, signal);
  try {
    return await caller.call({ url: asked, authority, serverName, body, signal: deadline });
  } catch (error) {
    const why = deadline.aborted ? "context deadline exceeded" : callErrorText(error);
    throw new Error(`Post "${asked}": ${why}`, { cause: error });
  }
}

/** Only a Service that is there is called. */
async function locate(address: WebhookAddress, findService: FindService): Promise<WebhookPlace> {
  if (address.kind === "url") return { url: address.url, serverName: undefined };
  const service = await findService(address);
  if (service === undefined) throw new Error(`service "${address.name}" not found`);
  return placeOfService(address, service);
}
