// The built-in resources: what the API server serves without any CustomResourceDefinition.
import { builtinKinds } from "../generated/kinds.ts";
import type { Resource } from "../resource.ts";
import type { BuiltinKind } from "./builtin-kind.ts";
import { storedVersionOf } from "./conversion.ts";
import { builtinResolver, definitionName } from "./definitions.ts";
import { builtinPrinter } from "./printers/builtin-printer.ts";
import { rulesOf } from "./rules.ts";
import { scalePathsOf } from "./scale.ts";
import { builtinStrategy } from "./strategy.ts";

export { builtinResolver, definitionName, isBuiltinDefinition } from "./definitions.ts";

/** Kinds that warn whoever uses them. */
const deprecationWarnings: Readonly<Record<string, string>> = {
  ComponentStatus: "v1 ComponentStatus is deprecated in v1.19+",
  Endpoints: "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
};

/** Every kind that is served by default, in discovery's order. Schemas are read when first asked for. */
export const builtinResources: readonly Resource[] = builtinKinds.map(builtinResource);

function builtinResource(kind: BuiltinKind): Resource {
  const name = definitionName(kind.type);
  const warning = deprecationWarnings[kind.kind];
  const stored = storedVersionOf(kind);
  return {
    kind,
    custom: false,
    verbs: kind.verbs,
    subresources: kind.subresources,
    storagePrefix: kind.storagePrefix ?? kind.plural,
    get schema() {
      return builtinResolver(name);
    },
    resolve: builtinResolver,
    definitionName: name,
    strategy: builtinStrategy(kind, rulesOf(kind)),
    scale: scalePathsOf(kind),
    printer: builtinPrinter(kind),
    ...(warning === undefined ? {} : { deprecationWarning: warning }),
    ...(stored === undefined ? {} : { stored }),
  };
}
