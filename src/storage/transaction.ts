// What every driver demands of a transaction, before anything is tried: the limits are etcd's defaults or tighter.
import { ApiError } from "#machinery/api-error.ts";
import type { StorageOperation, Transaction } from "./storage.ts";

/** Compares, and operations, of one transaction (etcd: --max-txn-ops). */
export const transactionOperationsMax = 128;
/** Keys and values of one transaction together (etcd: --max-request-bytes). */
export const transactionBytesMax = 1.5 * 1024 * 1024;
const keyLengthMax = 2_048;

/** Fails with BadRequest or RequestEntityTooLarge on what no driver would take. */
export function checkTransaction({ compare, operations }: Transaction): void {
  if (operations.length > transactionOperationsMax || compare.length > transactionOperationsMax) {
    const asked = Math.max(operations.length, compare.length);
    throw new ApiError("BadRequest", `a transaction has at most ${transactionOperationsMax} operations, not ${asked}`);
  }
  let bytes = 0;
  const keys = new Set<string>();
  for (const operation of operations) {
    checkKey(operation.key);
    keys.add(operation.key);
    bytes += operationBytes(operation);
  }
  if (keys.size < operations.length) throw new ApiError("BadRequest", "a transaction names each key at most once");
  for (const { key } of compare) checkKey(key);
  if (bytes > transactionBytesMax) {
    throw new ApiError(
      "RequestEntityTooLarge",
      `${bytes} bytes are more than the ${transactionBytesMax} that fit in a write`,
    );
  }
}

/** About what an operation takes in a group. */
export function operationBytes(operation: StorageOperation): number {
  return operation.key.length + (operation.type === "put" ? operation.value.byteLength : 0);
}

function checkKey(key: string): void {
  const isUsable = key !== "" && key.length <= keyLengthMax && key.isWellFormed() && !key.includes("\0");
  if (!isUsable) throw new ApiError("BadRequest", `unusable key ${JSON.stringify(key.slice(0, 100))}`);
}
