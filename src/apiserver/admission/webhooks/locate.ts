// Where a webhook of the cluster is reached. Upstream: k8s.io/apiserver/pkg/util/webhook/{client,serviceresolver}.go.
import { childOf, textOf } from "#api/builtin/access.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { WebhookAddress } from "./webhook.ts";

export interface WebhookLocation {
  /** Without query. */
  readonly url: string;
  /** The name that the certificate must have, where it is not the URL's host. */
  readonly serverName: string | undefined;
}

/** Finds a Service; undefined: there is none. */
export type FindService = (ref: {
  readonly namespace: string;
  readonly name: string;
}) => Promise<KubeObject | undefined>;

/** A Service is reached by its external name, else by its address; its certificate is for `<name>.<namespace>.svc`. */
export async function locateWebhook(address: WebhookAddress, findService: FindService): Promise<WebhookLocation> {
  if (address.kind === "url") return { url: address.url, serverName: undefined };
  const { namespace, name, port, path } = address;
  const service = await findService({ namespace, name });
  if (service === undefined) throw new Error(`failed to call webhook: service "${name}" not found`);
  const spec = childOf(service, "spec");
  const host = textOf(spec, "type") === "ExternalName" ? textOf(spec, "externalName") : textOf(spec, "clusterIP");
  const shown = host.includes(":") ? `[${host}]` : host;
  return { url: `https://${shown}:${String(port)}${path}`, serverName: `${name}.${namespace}.svc` };
}
