// Many things at once, but not too many.

/** Runs `work` for every item, `limit` at a time, and waits for all. Gives the errors; it never rejects. */
export async function forEachBounded<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<readonly unknown[]> {
  const errors: unknown[] = [];
  const remaining = items.values();
  const worker = async (): Promise<void> => {
    for (const item of remaining) {
      try {
        await work(item);
      } catch (error) {
        errors.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return errors;
}
