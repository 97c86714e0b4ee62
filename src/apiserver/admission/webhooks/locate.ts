// Where a webhook of the cluster is reached.
import { placeOfService, type WebhookPlace } from "#client/service-place.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { WebhookAddress } from "./webhook.ts";

/** Finds a Service; undefined: there is none. */
export type FindService = (ref: {
  readonly namespace: string;
  readonly name: string;
}) => Promise<KubeObject | undefined>;

/** Only a Service that is there is called. */
export async function locateWebhook(address: WebhookAddress, findService: FindService): Promise<WebhookPlace> {
  if (address.kind === "url") return { url: address.url, serverName: undefined };
  const service = await findService(address);
  if (service === undefined) throw new Error(`failed to call webhook: service "${address.name}" not found`);
  return placeOfService(address, service);
}
