// A built-in kind as the generated table has it: what a Kind says, and how the API server serves and stores it.
import type { Kind, KubeObject } from "#machinery/object.ts";
import type { Subresource } from "../resource.ts";

export interface BuiltinKind<T extends KubeObject = KubeObject> extends Kind<T> {
  readonly verbs: readonly string[];
  readonly subresources: Readonly<Record<string, Subresource>>;
  /** The key prefix in storage, or undefined for kinds that are only answered (reviews, bindings). */
  readonly storagePrefix: string | undefined;
  /** `core/v1.Pod`: its type in the generated schema table. */
  readonly type: string;
}
