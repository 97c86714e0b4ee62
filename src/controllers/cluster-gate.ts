// Bounds how much is under way at one member. Work that finds the gate full does not hold a worker: its key is parked
// and comes back to the queue when there is room, so a slow member delays only its own objects.

/** Lets `slots` at a time through, per cluster. Keys are parked once, in order of arrival. */
export class ClusterGate<Key extends { readonly namespace?: string | undefined; readonly name: string }> {
  readonly #slots: number;
  readonly #requeue: (key: Key) => void;
  readonly #clusters = new Map<string, { busy: number; readonly parked: Map<string, Key> }>();

  constructor(slots: number, requeue: (key: Key) => void) {
    this.#slots = slots;
    this.#requeue = requeue;
  }

  /** A function that gives the slot back, or undefined: the key is parked and will be queued again. */
  enter(cluster: string, key: Key): (() => void) | undefined {
    const state = this.#clusters.get(cluster) ?? { busy: 0, parked: new Map<string, Key>() };
    this.#clusters.set(cluster, state);
    const id = `${key.namespace ?? ""}/${key.name}`;
    if (state.busy >= this.#slots) {
      state.parked.set(id, key);
      return undefined;
    }
    state.parked.delete(id);
    state.busy++;
    return () => {
      this.#leave(cluster);
    };
  }

  #leave(cluster: string): void {
    const state = this.#clusters.get(cluster);
    if (state === undefined) return;
    state.busy--;
    const [next] = state.parked;
    if (next !== undefined) {
      state.parked.delete(next[0]);
      this.#requeue(next[1]);
    } else if (state.busy === 0) {
      this.#clusters.delete(cluster);
    }
  }
}
