// Makes the resources that a CustomResourceDefinition defines, one per served version. Pure; decoders and validators are
// compiled when the first object comes. Upstream: k8s.io/apiextensions-apiserver/pkg/apiserver/customresource_handler.go.
import { builtinResolver } from "#api/builtin/index.ts";
import { customPrinter } from "#api/builtin/printers/custom-printer.ts";
import type { CustomResourceDefinition } from "#api/kinds.ts";
import type { ConvertObjects, Resource, ScalePaths, Strategy, Subresource } from "#api/resource.ts";
import { fieldOf, isString } from "#machinery/guards.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";
import { customStrategy } from "./custom-strategy.ts";
import { deprecationWarningOf } from "./deprecation.ts";
import { parseSimplePath } from "./paths.ts";
import { schemaCheck } from "./schema-check.ts";
import { schemaOf, storedVersionOf } from "./stored-version.ts";

type CrdVersion = CustomResourceDefinition["spec"]["versions"][number];

/** In the order in which discovery lists them for custom resources. */
const verbs = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];
/** What discovery still tells of a kind that is being deleted. */
const terminatingVerbs = ["delete", "deletecollection", "get", "list", "watch"];
const subresourceVerbs = ["get", "patch", "update"];

/** The resources of all served versions, of an established definition. `webhook`: who converts between them, if somebody does. */
export function resourcesFromCrd(crd: CustomResourceDefinition, webhook?: ConvertObjects): readonly Resource[] {
  const served = crd.spec.versions.filter((version) => version.served);
  // Objects of a definition that serves nothing must still be reached, to be removed with it.
  const isHidden = served.length === 0 && crd.metadata.deletionTimestamp !== undefined;
  const versions = isHidden ? crd.spec.versions.filter((version) => version.storage) : served;
  return versions.map((version) => resourceFromCrd(crd, version, webhook));
}

/** The resource of one version. */
function resourceFromCrd(
  crd: CustomResourceDefinition,
  version: CrdVersion,
  webhook: ConvertObjects | undefined,
): Resource {
  const { group } = crd.spec;
  const kind = kindOf(crd, version);
  const schema = schemaOf(version);
  const terminating = crd.metadata.deletionTimestamp !== undefined;
  const scale = scalePathsOf(version);
  const deprecationWarning = deprecationWarningOf(crd, version.name);
  return {
    kind,
    custom: true,
    verbs,
    subresources: subresourcesOf(kind, version, scale),
    storagePrefix: `${group}/${kind.plural}`,
    schema,
    resolve: builtinResolver,
    definitionName: [...group.split(".").reverse(), kind.version, kind.kind].join("."),
    strategy: customStrategy({
      kind,
      hasStatus: version.subresources?.status !== undefined,
      scale,
      check: schemaCheck(schema),
      terminating,
      selectableFields: selectableFieldsOf(version),
    }),
    scale,
    printer: customPrinter(version.additionalPrinterColumns),
    ...(deprecationWarning === undefined ? {} : { deprecationWarning }),
    ...(terminating ? { discoveryVerbs: terminatingVerbs } : {}),
    stored: storedVersionOf(crd, version.name, webhook),
  };
}

/** Under the names that were accepted: those that were asked for may belong to another. */
function kindOf({ spec, status }: CustomResourceDefinition, version: CrdVersion): Kind {
  const names = status?.acceptedNames ?? spec.names;
  return {
    group: spec.group,
    version: version.name,
    kind: names.kind,
    plural: names.plural,
    singular: names.singular ?? names.kind.toLowerCase(),
    listKind: names.listKind ?? `${names.kind}List`,
    namespaced: spec.scope === "Namespaced",
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
  };
}

function subresourcesOf(
  { group, version, kind }: Kind,
  { subresources }: CrdVersion,
  scale: ScalePaths | undefined,
): Readonly<Record<string, Subresource>> {
  const scaleKind = { group: "autoscaling", version: "v1", kind: "Scale" };
  return {
    ...(subresources?.status === undefined
      ? {}
      : { status: { kind: { group, version, kind }, verbs: subresourceVerbs } }),
    ...(scale === undefined ? {} : { scale: { kind: scaleKind, verbs: subresourceVerbs } }),
  };
}

function scalePathsOf({ subresources }: CrdVersion): ScalePaths | undefined {
  const scale = subresources?.scale;
  if (scale === undefined) return undefined;
  const specReplicas = parseSimplePath(scale.specReplicasPath);
  const statusReplicas = parseSimplePath(scale.statusReplicasPath);
  if (specReplicas === undefined || statusReplicas === undefined) return undefined;
  const selectorPath = parseSimplePath(scale.labelSelectorPath ?? "");
  return {
    specReplicas,
    statusReplicas,
    selector: (object) => (selectorPath === undefined ? "" : textAt(object, selectorPath)),
  };
}

/** By the paths without their leading dot, as field selectors name them. */
function selectableFieldsOf({ selectableFields = [] }: CrdVersion): Strategy["selectableFields"] {
  const entries = selectableFields.flatMap(({ jsonPath }) => {
    const path = parseSimplePath(jsonPath);
    return path === undefined ? [] : [[path.join("."), (object: KubeObject) => textAt(object, path)] as const];
  });
  return Object.fromEntries(entries);
}

function textAt(object: KubeObject, path: readonly string[]): string {
  const value = fieldOf(object, ...path);
  if (isString(value)) return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}
