// The template that a binding speaks of.
import type { Binding } from "#api/work/binding.ts";
import type { Client } from "#client/client.ts";
import { isOlderVersion } from "#client/resource-version.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { Templates } from "./templates.ts";

interface Reader {
  readonly client: Client;
  readonly templates: Templates;
  readonly signal: AbortSignal;
}

/**
 * The template, no older than the binding says; undefined: it is gone, or another incarnation of it is there. A local copy
 * that is behind gives way to the server's object: when the copy has caught up nobody would look at the binding again.
 */
export async function templateOfBinding(
  { spec: { resource } }: Binding,
  { client, templates, signal }: Reader,
): Promise<KubeObject | undefined> {
  const { uid, resourceVersion = "" } = resource;
  const copy = await templates.find(resource);
  const isBehind = copy !== undefined && isOlderVersion(copy.metadata.resourceVersion ?? "", resourceVersion);
  const kind = isBehind ? await templates.kindOf(resource.apiVersion, resource.kind) : undefined;
  const template = kind === undefined ? copy : await client.find(kind, resource, { signal });
  return uid !== undefined && template?.metadata.uid !== uid ? undefined : template;
}
