// Bounds how much is under way at one member. Work that finds the gate full does not hold a worker: its key is parked
// and called back to the queue when there is room, so a slow member delays only its own objects.

interface GateKey {
  readonly namespace?: string | undefined;
  readonly name: string;
}

interface State<Key> {
  busy: number;
  /** In order of arrival, each once. */
  readonly parked: Map<string, Key>;
  /** Called back, and not seen since. */
  readonly called: Set<string>;
}

export class ClusterGate<Key extends GateKey> {
  readonly #requeue: (key: Key) => void;
  readonly #clusters = new Map<string, State<Key>>();

  constructor(requeue: (key: Key) => void) {
    this.#requeue = requeue;
  }

  /**
   * A function that gives the place back, if fewer than `slots` are in. Undefined: the key is parked and will be queued
   * again by itself.
   */
  enter(cluster: string, key: Key, slots: number): (() => void) | undefined {
    const state = this.#clusters.get(cluster) ?? { busy: 0, parked: new Map<string, Key>(), called: new Set<string>() };
    this.#clusters.set(cluster, state);
    const id = idOf(key);
    state.called.delete(id);
    if (state.busy >= slots) {
      state.parked.set(id, key);
      return undefined;
    }
    state.parked.delete(id);
    state.busy++;
    return () => {
      state.busy--;
      this.#callNext(cluster, state);
    };
  }

  /** To be told after each look at a key: one that was called and did not want in any more makes room for the next. */
  passed(cluster: string, key: Key): void {
    const state = this.#clusters.get(cluster);
    if (state?.called.delete(idOf(key)) === true) this.#callNext(cluster, state);
  }

  #callNext(cluster: string, state: State<Key>): void {
    const [next] = state.parked;
    if (next !== undefined) {
      const [id, key] = next;
      state.parked.delete(id);
      state.called.add(id);
      this.#requeue(key);
    } else if (state.busy === 0 && state.called.size === 0) {
      this.#clusters.delete(cluster);
    }
  }
}

function idOf({ namespace = "", name }: GateKey): string {
  return `${namespace}/${name}`;
}
