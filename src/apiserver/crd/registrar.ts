// Keeps the registry's custom resources equal to the definitions that may be served.
import type { CustomResourceDefinition } from "#api/kinds.ts";
import type { Resource } from "#api/resource.ts";
import { apiVersionOf, type Kind } from "#machinery/object.ts";
import type { Logger } from "#std/logger.ts";
import type { ResourceRegistry } from "../registry.ts";
import type { ConversionWebhooks } from "./conversion-webhook.ts";
import { established, hasCondition } from "./conditions.ts";
import { resourcesFromCrd } from "./resource.ts";

interface Served {
  readonly identity: string;
  readonly resources: readonly Resource[];
}

export class CrdRegistrar {
  readonly #registry: ResourceRegistry;
  readonly #webhooks: ConversionWebhooks;
  readonly #log: Logger;
  readonly #served = new Map<string, Served>();

  constructor(registry: ResourceRegistry, webhooks: ConversionWebhooks, log: Logger) {
    this.#registry = registry;
    this.#webhooks = webhooks;
    this.#log = log;
  }

  /** Serves the versions of an established definition, and no longer those that it has dropped. */
  serve(crd: CustomResourceDefinition): void {
    if (!hasCondition(crd, established)) return;
    const { name } = crd.metadata;
    const before = this.#served.get(name);
    const identity = identityOf(crd);
    if (before?.identity === identity) return;
    const resources = resourcesFromCrd(crd, this.#webhooks(crd)).filter((resource) => this.#mayServe(resource));
    for (const resource of resources) this.#registry.set(resource);
    const kept = new Set(resources.map(({ kind }) => kind.version));
    for (const old of before?.resources ?? []) if (!kept.has(old.kind.version)) this.#remove(old);
    this.#served.set(name, { identity, resources });
  }

  remove(name: string): void {
    for (const resource of this.#served.get(name)?.resources ?? []) this.#remove(resource);
    this.#served.delete(name);
  }

  /** The kind of a definition's objects, in a version that is served, best the stored one; undefined when none is. */
  kindOf(name: string): Kind | undefined {
    const { resources = [] } = this.#served.get(name) ?? {};
    const stored = resources.find(({ kind, stored }) => stored?.apiVersion === apiVersionOf(kind));
    return (stored ?? resources[0])?.kind;
  }

  #remove({ kind }: Resource): void {
    this.#registry.remove(kind.group, kind.version, kind.plural);
  }

  /** Built-in kinds cannot be redefined. */
  #mayServe({ kind }: Resource): boolean {
    const present = this.#registry.find(kind.group, kind.version, kind.plural);
    if (present === undefined || present.custom) return true;
    this.#log.warn("a CustomResourceDefinition names a built-in kind and is not served", { kind: kind.kind });
    return false;
  }
}

/** Changes exactly when what is served does: not with every write of a status. */
function identityOf(crd: CustomResourceDefinition): string {
  const { uid = "", generation = 0, deletionTimestamp } = crd.metadata;
  return JSON.stringify([uid, generation, deletionTimestamp !== undefined, crd.status?.acceptedNames]);
}
