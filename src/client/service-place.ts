// Where a Service of the control plane is reached by whoever calls its webhooks. Pure.
// Upstream: k8s.io/apiserver/pkg/util/webhook/{client,serviceresolver}.go.
import { childOf, textOf } from "#api/builtin/access.ts";
import type { KubeObject } from "#machinery/object.ts";

export interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  /** Empty, or from the first slash on. */
  readonly path: string;
}

export interface WebhookPlace {
  /** Without query. */
  readonly url: string;
  /** The name that the certificate must have, where it is not the URL's host. */
  readonly serverName: string | undefined;
}

/**
 * By the Service's external name, else by its address; by its name in the DNS where there is no such Service. The
 * certificate is for `<name>.<namespace>.svc`. Throws for a Service without an address.
 */
export function placeOfService(reference: ServiceReference, service: KubeObject | undefined): WebhookPlace {
  const { namespace, name, port, path } = reference;
  const serverName = `${name}.${namespace}.svc`;
  const host = service === undefined ? serverName : hostOf(service);
  if (host === "") throw new Error(`service ${JSON.stringify(`${namespace}/${name}`)} has no address`);
  const shown = host.includes(":") ? `[${host}]` : host;
  return { url: `https://${shown}:${String(port)}${path}`, serverName };
}

function hostOf(service: KubeObject): string {
  const spec = childOf(service, "spec");
  if (textOf(spec, "type") === "ExternalName") return textOf(spec, "externalName");
  const address = textOf(spec, "clusterIP");
  return address === "None" ? "" : address;
}
