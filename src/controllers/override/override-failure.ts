// Why an override could not be applied. Thrown by the overriders, caught and turned into a value by explainOverrides.

export class OverrideFailure extends Error {
  override readonly name = "OverrideFailure";
  /** Which of an overrider's operations it was, counted from 0; undefined where it has only one, or where none was reached. */
  readonly operation: number | undefined;

  constructor(message: string, options: ErrorOptions & { readonly operation?: number } = {}) {
    super(message, options);
    this.operation = options.operation;
  }
}

/** What `apply` makes of `start` with one operation after another. Its failures say which one it was. */
export function applyEach<T, Operation>(
  start: T,
  operations: readonly Operation[],
  apply: (value: T, operation: Operation) => T,
): T {
  return operations.reduce((value, current, operation) => {
    try {
      return apply(value, current);
    } catch (cause) {
      if (!(cause instanceof OverrideFailure)) throw cause;
      throw new OverrideFailure(cause.message, { cause, operation });
    }
  }, start);
}
