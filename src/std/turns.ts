// Turns by key: who has a key keeps all others who want it waiting, in the order in which they came.

export class Turns {
  /** Resolves when the last who came is done. */
  readonly #last = new Map<string, Promise<void>>();

  /** Resolves when it is the caller's turn, which lasts until the answer is disposed of. */
  async take(key: string): Promise<Disposable> {
    const before = this.#last.get(key);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last.set(key, promise);
    await before;
    return {
      [Symbol.dispose]: () => {
        if (this.#last.get(key) === promise) this.#last.delete(key);
        resolve();
      },
    };
  }
}
