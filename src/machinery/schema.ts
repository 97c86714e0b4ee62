// The one schema model: OpenAPI v3 as Kubernetes uses it, for built-in types (generated), our own kinds (declared) and CRDs (stored).

/**
 * A node. Built-in types refer to each other by `$ref`, which holds the bare name of a definition (`io.k8s.api.core.v1.PodSpec`)
 * and may have siblings (default, patch and list markers); everything else is inline.
 */
export interface Schema {
  readonly $ref?: string;
  readonly type?: "object" | "array" | "string" | "integer" | "number" | "boolean";
  readonly format?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly nullable?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly not?: Schema;
  readonly "x-kubernetes-int-or-string"?: boolean;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
  readonly "x-kubernetes-embedded-resource"?: boolean;
  readonly "x-kubernetes-list-type"?: "atomic" | "set" | "map";
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
  readonly "x-kubernetes-map-type"?: "atomic" | "granular";
  readonly "x-kubernetes-patch-strategy"?: string;
  readonly "x-kubernetes-patch-merge-key"?: string;
  readonly "x-kubernetes-validations"?: readonly Readonly<Record<string, unknown>>[];
  readonly "x-kubernetes-group-version-kind"?: readonly {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  }[];
  /** Built-in types only: the name Go has for the type (`v1.Protocol`), where wire texts need it. */
  readonly "x-go-type"?: string;
  /**
   * Built-in types only: when Go writes the field. `always`: even when it is zero; `nonzero` (omitempty): unless it is "", 0,
   * false or empty; absent (pointers, items): whenever it was given.
   */
  readonly "x-go-presence"?: "always" | "nonzero";
}

/** Finds the node a `$ref` names. Built-in definitions: `#api/builtin` exports one. */
export type SchemaResolver = (reference: string) => Schema;

/** What decoding found: unknown or duplicate fields (warned or refused by fieldValidation) and wrong types (always refused). */
export interface DecodeFinding {
  readonly kind: "unknown" | "duplicate" | "type";
  /** `spec.template.spec.containers[0].foo`. */
  readonly path: string;
  /** The wire text: `unknown field "spec.foo"`, `json: cannot unmarshal string into Go struct field …`. */
  readonly message: string;
}
