// What every write carries along.
import type { MutableObject } from "#machinery/admission.ts";
import { isKubeObject } from "#machinery/guards.ts";
import type { UserInfo } from "#machinery/http.ts";
import type { KubeObject } from "#machinery/object.ts";
import { invariant } from "#std/invariant.ts";
import type { ServerCore } from "../request/context.ts";
import type { Warnings } from "../request/warnings.ts";
import type { ResourceForm } from "./resource-form.ts";

export interface WriteContext {
  readonly core: ServerCore;
  readonly form: ResourceForm;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  /** Who is written down as the manager of what changes. */
  readonly fieldManager: string;
  readonly warnings: Warnings;
}

/** An object about to be answered: stored bytes and the revision to put into them (0: none, it was never stored). */
export interface ServedObject {
  readonly form: ResourceForm;
  readonly value: Uint8Array;
  readonly revision: number;
}

/** The same object as its readers know it. Decoding has made sure of its shape. */
export function asKubeObject(object: MutableObject): KubeObject {
  invariant(isKubeObject(object), "a decoded object has apiVersion, kind and metadata");
  return object;
}
