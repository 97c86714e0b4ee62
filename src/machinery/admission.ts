// What admission sees and says. Plugins are pure where they can be; the API server calls them in-process,
// `karmada webhook` will serve the same ones over HTTPS. Upstream: k8s.io/apiserver/pkg/admission.
import type { UserInfo } from "./http.ts";
import type { Kind, KubeObject } from "./object.ts";
import { setOwn } from "./own-property.ts";

/** An object that belongs to the request alone and may be edited in place. */
export interface MutableObject {
  apiVersion: string;
  kind: string;
  metadata: Record<string, unknown> & { name: string };
  [field: string]: unknown;
}

/** Makes `object` what `other` is, in place: whoever holds it sees the change. */
export function become(object: MutableObject, other: object): void {
  for (const field of Object.keys(object)) if (!Object.hasOwn(other, field)) Reflect.deleteProperty(object, field);
  for (const [field, value] of Object.entries(other)) setOwn(object, field, value);
}

export interface AdmissionRequest {
  readonly operation: "CREATE" | "UPDATE" | "DELETE" | "CONNECT";
  readonly kind: Kind;
  readonly subresource: string | undefined;
  readonly namespace: string | undefined;
  readonly name: string;
  /** Absent for DELETE. */
  readonly object: MutableObject | undefined;
  /** Absent for CREATE. */
  readonly old: KubeObject | undefined;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  /** The stored objects of the request's kind. Absent where whoever runs the plugin has no store. */
  list?(): Promise<readonly KubeObject[]>;
  /** Adds a Warning header to the answer. */
  warn(text: string): void;
}

export interface AdmissionPlugin {
  readonly name: string;
  /** Edits `request.object` in place. Throws ApiError to refuse. */
  mutate?(request: AdmissionRequest): Promise<void> | void;
  /** Throws ApiError to refuse. Must not edit. */
  validate?(request: AdmissionRequest): Promise<void> | void;
}
