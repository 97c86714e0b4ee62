// CustomResourceDefinitions for tests. Not used outside of them.
import type { CustomResourceDefinition } from "#api/kinds.ts";
import type { Kind } from "#machinery/object.ts";

type Spec = CustomResourceDefinition["spec"];

/** What `testCrd` defines. */
export const Widget: Kind = {
  ...{ group: "example.com", version: "v1", kind: "Widget", plural: "widgets", singular: "widget" },
  ...{ listKind: "WidgetList", namespaced: true, shortNames: [], categories: [] },
};

/** `widgets.example.com` with one version and whatever is given on top. */
export function testCrd(
  spec: Partial<Spec> = {},
  rest: Partial<Pick<CustomResourceDefinition, "status">> & {
    readonly metadata?: Partial<CustomResourceDefinition["metadata"]>;
  } = {},
): CustomResourceDefinition {
  const whole: Spec = {
    group: "example.com",
    scope: "Namespaced",
    names: { plural: "widgets", singular: "widget", kind: "Widget", listKind: "WidgetList" },
    versions: [testVersion("v1", { storage: true })],
    conversion: { strategy: "None" },
    ...spec,
  };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    spec: whole,
    ...rest,
    metadata: { name: `${whole.names.plural}.${whole.group}`, ...rest.metadata },
  };
}

/** A served version with `spec.size` and a status. */
export function testVersion(name: string, rest: Partial<Spec["versions"][number]> = {}): Spec["versions"][number] {
  return {
    name,
    served: true,
    storage: false,
    schema: {
      openAPIV3Schema: {
        type: "object",
        properties: {
          spec: {
            type: "object",
            properties: {
              size: { type: "integer", minimum: 0, default: 1 },
              mode: { type: "string", enum: ["fast", "slow"] },
              replicas: { type: "integer" },
            },
          },
          status: { type: "object", properties: { phase: { type: "string" }, replicas: { type: "integer" } } },
        },
      },
    },
    subresources: { status: {} },
    ...rest,
  };
}
