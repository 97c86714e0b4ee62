// What the pods on each node ask for, kept up to date pod by pod: summing them anew for each pod would make many pods slow.
import type { Informer, InformerEvent } from "#client/informer.ts";
import type { Pod } from "#api/kinds.ts";
import { type NodeLoad, requestsOf } from "./placement.ts";

interface Share extends NodeLoad {
  readonly node: string;
}

const nothing: NodeLoad = { pods: 0, cpuMilli: 0, memoryMilli: 0 };

/** The loads of nodes by name. Bounded by the pods that there are. */
export class NodeLoads {
  readonly #nodes = new Map<string, NodeLoad>();
  /** By uid of the pod. */
  readonly #shares = new Map<string, Share>();

  get all(): ReadonlyMap<string, NodeLoad> {
    return this.#nodes;
  }

  /** Counts what is there and what comes. `freed` is told when room becomes free. Returns the end of it. */
  follow(pods: Informer<Pod>, freed: () => void): () => void {
    return pods.onEvent((event: InformerEvent<Pod>) => {
      const { metadata, spec, status } = event.object;
      const uid = metadata.uid ?? "";
      const ended = status?.phase === "Succeeded" || status?.phase === "Failed";
      const node = spec.nodeName ?? "";
      if (event.type === "deleted" || ended) {
        if (this.release(uid)) freed();
      } else if (node !== "") {
        this.take(event.object, node);
      }
    });
  }

  /** Counts a pod for a node: as seen, or because it is about to be bound. */
  take(pod: Pod, node: string): void {
    const uid = pod.metadata.uid ?? "";
    if (this.#shares.get(uid)?.node === node) return;
    this.release(uid);
    const share: Share = { node, pods: 1, ...requestsOf(pod) };
    this.#shares.set(uid, share);
    this.#add(share, 1);
  }

  /** Was the pod counted? It is not any more. */
  release(uid: string): boolean {
    const share = this.#shares.get(uid);
    if (share === undefined) return false;
    this.#shares.delete(uid);
    this.#add(share, -1);
    return true;
  }

  #add({ node, pods, cpuMilli, memoryMilli }: Share, sign: 1 | -1): void {
    const before = this.#nodes.get(node) ?? nothing;
    const after = {
      pods: before.pods + sign * pods,
      cpuMilli: before.cpuMilli + sign * cpuMilli,
      memoryMilli: before.memoryMilli + sign * memoryMilli,
    };
    if (after.pods === 0) this.#nodes.delete(node);
    else this.#nodes.set(node, after);
  }
}
