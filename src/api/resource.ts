// What the generic handlers of the API server need to know of a resource: data and pure functions, one per kind.
// Built-in resources come from #api/builtin, custom ones are made by the API server from a CustomResourceDefinition.
import type { MutableObject } from "#machinery/admission.ts";
import type { FieldError } from "#machinery/field-error.ts";
import type { GroupVersionKind, Kind, KubeObject } from "#machinery/object.ts";
import type { Schema, SchemaResolver } from "#machinery/schema.ts";

export interface Subresource {
  /** Kind of the body, where it is not the resource's own: Scale, Eviction, TokenRequest. */
  readonly kind: GroupVersionKind;
  readonly verbs: readonly string[];
}

export interface PrinterColumn {
  readonly name: string;
  readonly type: "string" | "integer" | "number" | "boolean" | "date";
  readonly format: string;
  readonly description: string;
  /** 0: always shown; 1: with `-o wide`. */
  readonly priority: number;
}

/** Turns objects into Table rows. `now` in milliseconds, for ages. */
export interface Printer {
  readonly columns: readonly PrinterColumn[];
  cells(object: KubeObject, now: number): readonly unknown[];
}

/** What a subresource (`approval`, `resize`) lets a write change. */
export interface SubresourceRules {
  /** Puts back everything else. */
  prepare(object: MutableObject, old: KubeObject): void;
  validate(object: KubeObject, old: KubeObject): readonly FieldError[];
}

/** How a kind lives: what is filled in, kept back, checked. Everything edits or reads plain data; nothing waits. */
export interface Strategy {
  /** Section 2.11 of Kubernetes' naming rules. */
  readonly nameRule: "subdomain" | "label" | "label1035" | "path" | "any";
  /** Whether objects of this kind carry metadata.generation. */
  readonly hasGeneration: boolean;
  /** May PUT leave out metadata.resourceVersion? */
  readonly allowUnconditionalUpdate: boolean;
  /** May PUT create? */
  readonly allowCreateOnUpdate: boolean;
  /** Does DELETE answer with the object (else a Status)? */
  readonly returnsDeleted: boolean;
  /** Fills in defaults, after schema defaults, at every decode. */
  defaults(object: MutableObject): void;
  /** Wipes and sets what only the server sets (status, for kinds with the subresource). */
  prepareForCreate(object: MutableObject): void;
  /** The same for the main endpoint: puts back the old status. Does not touch generation. */
  prepareForUpdate(object: MutableObject, old: KubeObject): void;
  /** For `/status`: puts back everything but the status. */
  prepareForStatusUpdate(object: MutableObject, old: KubeObject): void;
  /** Does this change move metadata.generation on? Asked only if `hasGeneration`, after prepareForUpdate. */
  bumpsGeneration(object: KubeObject, old: KubeObject): boolean;
  validate(object: KubeObject): readonly FieldError[];
  validateUpdate(object: KubeObject, old: KubeObject): readonly FieldError[];
  validateStatusUpdate(object: KubeObject, old: KubeObject): readonly FieldError[];
  /** Seconds of grace before removal, or undefined for kinds that go at once. */
  gracePeriodSeconds?(object: KubeObject, asked: number | undefined): number;
  /** Edits an object at its first DELETE: a phase, a condition, finalizers of the kind's own. `now` as metav1.Time. */
  prepareForDelete?(object: MutableObject, now: string): void;
  /** Does something beside metadata.finalizers hold an object that is being deleted (spec.finalizers of a Namespace)? */
  holdsDeletion?(object: KubeObject): boolean;
  /** Subresources through which objects are changed by other rules than the main endpoint's and `/status`'s. */
  readonly subresourceRules?: Readonly<Record<string, SubresourceRules>>;
  /** What `fieldSelector` may ask for, beside metadata.name and metadata.namespace. */
  readonly selectableFields: Readonly<Record<string, (object: KubeObject) => string>>;
}

export interface ScalePaths {
  readonly specReplicas: readonly string[];
  readonly statusReplicas: readonly string[];
  /** Gives `status.selector` of the Scale as text. */
  selector(object: KubeObject): string;
}

/** How the stored values of a kind with a history (schemas that changed, several versions) differ from what is served. */
export interface StoredVersion {
  /** What objects are stored as, whichever version they come in. */
  readonly apiVersion: string;
  /** Values of an older revision were written under an earlier schema. */
  readonly currentSince: number;
  /** Whether values of `apiVersion` that are no older are served as they are, but for the apiVersion itself. */
  readonly verbatim: boolean;
  /** Makes a parsed stored object, whose apiVersion says which version wrote it, one of the served version. In place. */
  open(object: MutableObject): void;
  /** Makes an object of the served version one to store. In place. */
  close(object: MutableObject): void;
  /**
   * Present where only somebody else can convert between versions: makes objects of other versions ones of `apiVersion`, in
   * order. `open` and `close` then get objects of their own version alone. Throws ApiError where there is no good answer.
   */
  readonly convert?: ConvertObjects;
}

export type ConvertObjects = (
  objects: readonly MutableObject[],
  apiVersion: string,
) => Promise<readonly MutableObject[]>;

export interface Resource<T extends KubeObject = KubeObject> {
  readonly kind: Kind<T>;
  /** All object kinds of CRDs: unstructured decoding texts, list items with apiVersion and kind, no strategic merge patch. */
  readonly custom: boolean;
  readonly verbs: readonly string[];
  /** By name: `status`, `scale`, `binding`, … */
  readonly subresources: Readonly<Record<string, Subresource>>;
  /** `/registry/<this>/…`: `deployments`, `karmada.io…/works`; stable for ever. */
  readonly storagePrefix: string;
  readonly schema: Schema;
  readonly resolve: SchemaResolver;
  /** `io.k8s.api.apps.v1.Deployment`. */
  readonly definitionName: string;
  readonly strategy: Strategy;
  readonly scale: ScalePaths | undefined;
  readonly printer: Printer | undefined;
  readonly deprecationWarning?: string;
  /** What discovery tells of `verbs`, where it is not all of them (a kind that is on its way out). */
  readonly discoveryVerbs?: readonly string[];
  /** Absent: values are stored and served in one form. */
  readonly stored?: StoredVersion;
}
