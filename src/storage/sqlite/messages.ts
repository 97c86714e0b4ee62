// What the main thread and the databases' thread say to each other: one request, one answer, in turn.
import type { Failure } from "./failure.ts";

export type DatabaseRequest =
  | { readonly type: "open"; readonly file: string; readonly ballastBytes: number; readonly busyMilliseconds: number }
  /** Asks for the next records. */
  | { readonly type: "load" }
  | {
      readonly type: "commit";
      /** See record-codec.ts. */
      readonly records: ArrayBuffer;
      readonly forgotten: { readonly compactedRevision: number; readonly sequences: Float64Array } | undefined;
      readonly isRelief: boolean;
    }
  | { readonly type: "close" };

/** A request as it travels: from which of the stores that share the thread. */
export interface StoreRequest {
  readonly store: number;
  readonly request: DatabaseRequest;
}

export type DatabaseAnswer =
  | { readonly type: "opened"; readonly compactedRevision: number }
  /** Absent: there are no more. */
  | { readonly type: "records"; readonly records: ArrayBuffer | undefined }
  | { readonly type: "done" }
  | { readonly type: "failed"; readonly failure: Failure };
