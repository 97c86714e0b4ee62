// What each node of a member has left, kept up to date pod by pod: an answer must not sum all pods anew.
// Upstream: karmada pkg/util/lifted/scheduler/cache (the snapshot of the estimator's server).
import type { Node, Pod } from "#api/kinds.ts";
import type { Informer, InformerEvent } from "#client/informer.ts";
import { podRequirements } from "#interpreter/native/pod-requirements.ts";
import { milli, milliOf } from "#machinery/milli.ts";
import { type Amounts, requestsOf } from "../estimate/free.ts";

/** A node and what is free on it, in thousandths of each resource's unit; `pods` is one of them. */
export interface NodeRoom {
  readonly node: Node;
  readonly free: Map<string, number>;
}

interface Share {
  readonly node: string;
  readonly amounts: Amounts;
}

export class NodeRooms {
  readonly #used = new Map<string, Map<string, number>>();
  /** By uid of the pod. */
  readonly #shares = new Map<string, Share>();

  /** Counts what is there and what comes. Returns the end of it. */
  follow(pods: Informer<Pod>): () => void {
    return pods.onEvent((event: InformerEvent<Pod>) => {
      const { metadata, spec, status } = event.object;
      const uid = metadata.uid ?? "";
      this.#release(uid);
      const ended = status?.phase === "Succeeded" || status?.phase === "Failed";
      const node = spec.nodeName ?? "";
      if (event.type === "deleted" || ended || node === "") return;
      const amounts = new Map(requestsOf(podRequirements(spec)?.resourceRequest)).set("pods", milli);
      this.#shares.set(uid, { node, amounts });
      this.#add({ node, amounts }, 1);
    });
  }

  /** The nodes with what they have left: copies, to be used up by a simulation. */
  of(nodes: readonly Node[]): NodeRoom[] {
    return nodes.map((node) => {
      const used = this.#used.get(node.metadata.name);
      const allocatable = Object.entries(node.status?.allocatable ?? {});
      const free = allocatable.map(([name, amount]) => [name, milliOf(amount) - (used?.get(name) ?? 0)] as const);
      return { node, free: new Map(free) };
    });
  }

  #release(uid: string): void {
    const share = this.#shares.get(uid);
    if (share === undefined) return;
    this.#shares.delete(uid);
    this.#add(share, -1);
  }

  #add({ node, amounts }: Share, sign: 1 | -1): void {
    const used = this.#used.get(node) ?? new Map<string, number>();
    for (const [name, amount] of amounts) used.set(name, (used.get(name) ?? 0) + sign * amount);
    if ((used.get("pods") ?? 0) === 0) this.#used.delete(node);
    else this.#used.set(node, used);
  }
}
