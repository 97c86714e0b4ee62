// Assertions for programmer errors. They crash; operating errors are values or an ApiError, never these.

/** Thrown when the program contradicts itself. Never caught to be handled. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** Fails with `message` unless `condition` holds. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (condition === false || condition === undefined || condition === null || condition === 0 || condition === "") {
    throw new InvariantError(message);
  }
}

/** Marks a branch that types say cannot happen: a forgotten case fails to compile at the call. */
export function unreachable(value: never): never {
  throw new InvariantError(`unreachable: ${JSON.stringify(value)}`);
}
