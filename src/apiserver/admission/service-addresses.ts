// Gives Services their addresses and node ports when they are written. What others hold is read from storage each time:
// Services are few, and their parsed forms are kept.
import { childOf } from "#api/builtin/access.ts";
import { addressesOf, assignServiceAddresses, type TakenAddresses } from "#api/builtin/service-addresses.ts";
import type { AdmissionPlugin, AdmissionRequest } from "#machinery/admission.ts";
import { invalidError } from "#machinery/field-error.ts";
import type { Random } from "#std/random.ts";
import type { Storage } from "#storage/storage.ts";
import type { ParsedCache } from "../crud/parsed-cache.ts";

const servicesPrefix = "/registry/services/specs/";
/** Addresses given a moment ago count as taken: their Services may not be stored yet. */
const recentMax = 256;

export interface ServiceAddressesOptions {
  readonly storage: Storage;
  readonly parsed: ParsedCache;
  readonly random: Random;
}

/** The plugin that runs after all others: what they ask for is taken into account. */
export function serviceAddresses({ storage, parsed, random }: ServiceAddressesOptions): AdmissionPlugin {
  const recent: string[] = [];
  const readTaken = async (request: AdmissionRequest): Promise<TakenAddresses> => {
    const own = `${servicesPrefix}${request.namespace ?? ""}/${request.name}`;
    const { entries } = await storage.range({ prefix: servicesPrefix });
    const specs = entries
      .filter(({ key }) => key !== own)
      .map((entry) => addressesOf(childOf(parsed.get(entry), "spec")));
    return {
      addresses: new Set([...recent, ...specs.flatMap(({ addresses }) => addresses)]),
      nodePorts: new Set(specs.flatMap(({ nodePorts }) => nodePorts)),
    };
  };
  return {
    name: "ServiceAddresses",
    async mutate(request) {
      const { kind, object, old, operation, subresource } = request;
      if (kind.group !== "" || kind.kind !== "Service" || subresource !== undefined) return;
      if (object === undefined || (operation !== "CREATE" && operation !== "UPDATE")) return;
      const spec = childOf(object, "spec");
      if (spec === undefined) return;
      const asked = spec["clusterIP"];
      const before = old === undefined ? undefined : childOf(old, "spec");
      const errors = assignServiceAddresses(spec, before, await readTaken(request), random);
      if (errors.length > 0) throw invalidError(kind, request.name, errors);
      const { clusterIP } = spec;
      if (typeof clusterIP !== "string" || clusterIP === asked || clusterIP === before?.["clusterIP"]) return;
      recent.push(clusterIP);
      if (recent.length > recentMax) recent.shift();
    },
  };
}
