// The template that a binding speaks of.
import type { Binding } from "#api/work/binding.ts";
import type { Client } from "#client/client.ts";
import type { InformerFactory } from "#client/informer.ts";
import { isOlderVersion } from "#client/resource-version.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { RecentWrites } from "#runtime/recent-writes.ts";
import type { Templates } from "./templates.ts";

interface Reader {
  readonly client: Client;
  readonly informers: InformerFactory;
  readonly templates: Templates;
  readonly writes: RecentWrites;
  readonly signal: AbortSignal;
}

/**
 * The template, no older than the binding says; undefined: it is gone, or another incarnation of it is there. A local
 * copy that is behind gives way to the server's object: when the copy has caught up nobody would look at the binding
 * again.
 */
export async function templateOfBinding(binding: Binding, reader: Reader): Promise<KubeObject | undefined> {
  const { uid } = binding.spec.resource;
  const template = await newestTemplate(binding, reader);
  return uid !== undefined && template?.metadata.uid !== uid ? undefined : template;
}

async function newestTemplate(
  { spec: { resource } }: Binding,
  { client, informers, templates, writes, signal }: Reader,
): Promise<KubeObject | undefined> {
  const { resourceVersion = "" } = resource;
  const isBehind = ({ metadata }: KubeObject): boolean =>
    isOlderVersion(metadata.resourceVersion ?? "", resourceVersion);
  const copy = await templates.find(resource);
  if (copy === undefined || !isBehind(copy)) return copy;
  const kind = await templates.kindOf(resource.apiVersion, resource.kind);
  if (kind === undefined) return copy;
  // It is behind by the claim that this process has put on the template, most of the time.
  const claimed = writes.latest(informers.for(kind), resource);
  return claimed === undefined || isBehind(claimed) ? client.find(kind, resource, { signal }) : claimed;
}
