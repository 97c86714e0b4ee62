// A seeded user of a simulated world: writes templates and policies, and edits what members have behind Karmada's back.
// Remembers what was acknowledged, which must never get lost.
import { ConfigMap } from "#api/kinds.ts";
import { PropagationPolicy } from "#api/policy/propagation-policy.ts";
import type { Client } from "#client/client.ts";
import { isApiError } from "#machinery/api-error.ts";
import { deadlineSignal } from "#std/abort.ts";
import type { Random } from "#std/random.ts";
import { pick } from "./seeded-random.ts";
import type { World } from "./world.ts";

/** How long the user waits for an answer. */
const patienceMilliseconds = 5_000;
const values = 1_000;
export const templateNames: readonly string[] = ["a", "b", "c", "d", "e", "f"];
const namespace = "default";

type Operation = (client: Client, name: string, signal: AbortSignal) => Promise<unknown>;

/** The user, one operation after the other. */
export class User {
  readonly counts: Record<string, number> = {};
  readonly #world: World;
  readonly #random: Random;
  readonly #client: Client;
  readonly #members = new Map<string, Client>();
  /** What each template may hold; more than one value after a write whose outcome is not known. */
  readonly #possible = new Map<string, Set<string | undefined>>();
  readonly #operations: Readonly<Record<string, Operation>>;

  constructor(world: World) {
    this.#world = world;
    this.#random = world.random;
    this.#client = world.client();
    for (const member of world.members) this.#members.set(member, world.client(member));
    const policyRef = (name: string) => ({ namespace, name: `${name}-pp` });
    this.#operations = {
      createTemplate: (client, name, signal) =>
        this.#write(name, (value) =>
          client.create(ConfigMap, { metadata: { namespace, name }, data: { value } }, { signal }),
        ),
      changeTemplate: (client, name, signal) =>
        this.#write(name, (value) =>
          client.patch(ConfigMap, { namespace, name }, { type: "merge", patch: { data: { value } } }, { signal }),
        ),
      deleteTemplate: (client, name, signal) =>
        this.#remove(name, () => client.delete(ConfigMap, { namespace, name }, { signal })),
      createPolicy: (client, name, signal) =>
        client.create(
          PropagationPolicy,
          {
            metadata: policyRef(name),
            spec: {
              resourceSelectors: [{ apiVersion: "v1", kind: "ConfigMap", name }],
              placement: this.#placement(),
            },
          },
          { signal },
        ),
      changePolicy: (client, name, signal) =>
        client.patch(
          PropagationPolicy,
          policyRef(name),
          {
            type: "merge",
            patch: { spec: { placement: this.#placement() } },
          },
          { signal },
        ),
      deletePolicy: (client, name, signal) => client.delete(PropagationPolicy, policyRef(name), { signal }),
      editInMember: (_client, name, signal) =>
        this.#member().patch(
          ConfigMap,
          { namespace, name },
          { type: "merge", patch: { data: { value: "drift" } } },
          { signal },
        ),
      deleteInMember: (_client, name, signal) => this.#member().delete(ConfigMap, { namespace, name }, { signal }),
    };
  }

  /** One operation chosen by chance. What the world refuses is refused. */
  async act(): Promise<void> {
    const kind = pick(this.#random, Object.keys(this.#operations));
    const name = pick(this.#random, templateNames);
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    using signal = deadlineSignal(this.#world.clock, patienceMilliseconds);
    try {
      await this.#operations[kind]?.(this.#client, name, signal);
      this.#world.note(`user ${kind} ${name}: done`);
    } catch (error) {
      this.#world.note(`user ${kind} ${name}: ${isApiError(error) ? error.reason : "no answer"}`);
    }
  }

  /** The template that holds something else than what was acknowledged last, if there is one. */
  async lostWrite(): Promise<string | undefined> {
    for (const name of templateNames) {
      const template = await this.#client.find(ConfigMap, { namespace, name });
      const value = template?.metadata.deletionTimestamp === undefined ? template?.data?.["value"] : undefined;
      const possible = this.#possible.get(name) ?? new Set([undefined]);
      if (!possible.has(value))
        return `template ${name} holds ${String(value)}, acknowledged: ${[...possible].join(" or ")}`;
    }
    return undefined;
  }

  async #write(name: string, write: (value: string) => Promise<unknown>): Promise<void> {
    const value = String(this.#random.uint32() % values);
    await this.#attempt(name, value, () => write(value));
  }

  #remove(name: string, remove: () => Promise<unknown>): Promise<void> {
    return this.#attempt(name, undefined, remove);
  }

  /** Acknowledged: it is so. Refused: it is as it was. No answer: either. */
  async #attempt(name: string, value: string | undefined, write: () => Promise<unknown>): Promise<void> {
    const before = this.#possible.get(name) ?? new Set([undefined]);
    this.#possible.set(name, new Set([...before, value]));
    try {
      await write();
      this.#possible.set(name, new Set([value]));
    } catch (error) {
      if (isApiError(error, "NotFound", "AlreadyExists", "Conflict", "StorageFull")) this.#possible.set(name, before);
      throw error;
    }
  }

  #member(): Client {
    const client = this.#members.get(pick(this.#random, this.#world.members));
    if (client === undefined) throw new Error("there is no such member");
    return client;
  }

  #placement(): { clusterAffinity: { clusterNames: string[] } } {
    const clusterNames = this.#world.members.filter(() => this.#random.uint32() % 2 === 0);
    return {
      clusterAffinity: {
        clusterNames: clusterNames.length === 0 ? [pick(this.#random, this.#world.members)] : clusterNames,
      },
    };
  }
}
