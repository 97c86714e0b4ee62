// Courses of chance: referrers and what they refer to come, change, move and go, attached bindings are tampered with, and
// nobody waits for anybody. In the end every dependency is where its referrers are, and nowhere else.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ConfigMap, Deployment } from "#api/kinds.ts";
import { PropagationPolicy } from "#api/policy/propagation-policy.ts";
import { ResourceBinding } from "#api/work/binding.ts";
import { garbageCollector } from "#kubecontrollers/garbage-collector/controller.ts";
import { isApiError } from "#machinery/api-error.ts";
import {
  deploymentDraft,
  eagerClusterStatus,
  eventually,
  eventuallyObject,
  type Planes,
  policyDraft,
  startPlanes,
} from "../testing-planes.ts";

const namespace = "default";
const members = ["m1", "m2", "m3"];
const referrers = ["web", "api", "job"];
const dependencies = ["a", "b", "c"];
const operationsEach = 30;

interface Referrer {
  readonly refers: ReadonlySet<string>;
  readonly clusters: readonly string[];
  readonly takesAlong: boolean;
}

describe("dependencies, by chance", () => {
  let planes: Planes;
  before(async () => {
    const controllers = { clusterStatus: eagerClusterStatus, eviction: { mode: "compatible" as const } };
    planes = await startPlanes({ members, others: [garbageCollector()], controllers });
  });
  after(() => planes.close());

  for (const seed of [1, 2, 3]) {
    test(`seed ${String(seed)}`, async () => {
      const course = new Course(planes, seed);
      try {
        for (let turn = 0; turn < operationsEach; turn++) await course.act();
        await course.finish();
        await eventually(`what the course led to: ${course.told.join(", ")}`, () => course.isSettled());
      } finally {
        await course.clear();
      }
    });
  }
});

class Course {
  readonly told: string[] = [];
  readonly #planes: Planes;
  readonly #referrers = new Map<string, Referrer>();
  readonly #dependencies = new Set<string>();
  #state: number;

  constructor(planes: Planes, seed: number) {
    this.#planes = planes;
    this.#state = seed * 2_654_435_761;
  }

  async act(): Promise<void> {
    const referrer = this.#pick(referrers);
    const dependency = this.#pick(dependencies);
    const known = this.#referrers.get(referrer);
    const { client } = this.#planes;
    const ref = { namespace, name: referrer };
    switch (this.#pick(["referrer", "referrer", "refers", "move", "move", "takesAlong", "dependency", "tamper"])) {
      case "referrer":
        await (known === undefined ? this.#create(referrer) : this.#remove(referrer));
        return;
      case "refers":
        if (known === undefined) return;
        this.#note(`${referrer} refers to others`, referrer, { ...known, refers: this.#some(dependencies) });
        await client.patch(Deployment, ref, { type: "merge", patch: specOf(this.#referrers.get(referrer)) });
        return;
      case "move":
        if (known !== undefined) await this.#move(referrer, known);
        return;
      case "takesAlong": {
        if (known === undefined) return;
        const patch = { spec: { propagateDeps: !known.takesAlong } };
        this.#note(`${referrer} takes along: ${String(!known.takesAlong)}`, referrer, {
          ...known,
          ...{ takesAlong: !known.takesAlong },
        });
        await client.patch(PropagationPolicy, { namespace, name: `${referrer}-pp` }, { type: "merge", patch });
        return;
      }
      case "dependency":
        await this.#toggle(dependency);
        return;
      case "tamper":
        await this.#tamper(`${dependency}-configmap`);
        return;
    }
  }

  /** Dependencies come last, when nothing else happens any more that would have referrers looked at. */
  async finish(): Promise<void> {
    for (const name of [...this.#dependencies]) await this.#toggle(name);
    await eventually("their bindings are gone", async () => {
      const { items } = await this.#planes.client.list(ResourceBinding);
      return items.every(({ spec }) => spec.resource.kind !== "ConfigMap");
    });
    for (const name of dependencies) await this.#toggle(name);
  }

  /** Every dependency that is there is where those are that refer to it, and its binding says who that is. */
  async isSettled(): Promise<boolean> {
    for (const dependency of dependencies) {
      const using = [...this.#referrers].filter(
        ([, { refers, takesAlong }]) => takesAlong && refers.has(dependency) && this.#dependencies.has(dependency),
      );
      const wanted = new Set(using.flatMap(([, { clusters }]) => clusters));
      const binding = await this.#planes.client.find(ResourceBinding, { namespace, name: `${dependency}-configmap` });
      const said = (binding?.spec.requiredBy ?? []).map(({ name, clusters = [] }) => [
        name,
        clusters.map((each) => each.name),
      ]);
      const expected = using.map(([name, { clusters }]) => [`${name}-deployment`, clusters]);
      if (JSON.stringify(said.sort()) !== JSON.stringify(expected.sort())) return false;
      for (const member of members) {
        const copy = await this.#planes.member(member).find(ConfigMap, { namespace, name: dependency });
        if ((copy !== undefined) !== wanted.has(member)) return false;
      }
    }
    return true;
  }

  async clear(): Promise<void> {
    for (const name of [...this.#referrers.keys()]) await this.#remove(name);
    for (const name of [...this.#dependencies]) await this.#toggle(name);
    await eventually("all bindings are gone", async () => {
      return (await this.#planes.client.list(ResourceBinding)).items.length === 0;
    });
  }

  async #create(name: string): Promise<void> {
    const { client } = this.#planes;
    const referrer = { refers: this.#some(dependencies), clusters: [...this.#some(members)], takesAlong: true };
    const draft = deploymentDraft(name);
    const template = { ...draft.spec.template, ...specOf(referrer).spec.template };
    const { metadata } = await client.create(Deployment, { ...draft, spec: { ...draft.spec, template } });
    this.#note(`${name} comes`, name, referrer);
    await client.create(PropagationPolicy, policyDraft(Deployment, name, { propagateDeps: true }));
    await eventuallyObject(client, ResourceBinding, { namespace, name: `${name}-deployment` }, (binding) =>
      binding.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid),
    );
    await this.#move(name, referrer);
  }

  async #remove(name: string): Promise<void> {
    const { client } = this.#planes;
    this.told.push(`${name} goes`);
    this.#referrers.delete(name);
    await client.delete(Deployment, { namespace, name });
    await client.delete(PropagationPolicy, { namespace, name: `${name}-pp` });
    await eventually("the policy has gone", async () => {
      return (await client.find(PropagationPolicy, { namespace, name: `${name}-pp` })) === undefined;
    });
  }

  async #move(name: string, known: Referrer): Promise<void> {
    const clusters = [...this.#some(members)];
    this.#note(`${name} is in ${clusters.join("+")}`, name, { ...known, clusters });
    const patch = { spec: { clusters: clusters.map((cluster) => ({ name: cluster })) } };
    await this.#planes.client.patch(
      ResourceBinding,
      { namespace, name: `${name}-deployment` },
      { type: "merge", patch },
    );
  }

  async #toggle(name: string): Promise<void> {
    const { client } = this.#planes;
    const isThere = this.#dependencies.delete(name);
    this.told.push(`${name} ${isThere ? "goes" : "comes"}`);
    if (isThere) await client.delete(ConfigMap, { namespace, name });
    else {
      this.#dependencies.add(name);
      await client.create(ConfigMap, { metadata: { namespace, name }, data: {} });
    }
  }

  async #tamper(name: string): Promise<void> {
    const { client } = this.#planes;
    const deletes = this.#next() % 2 === 0;
    this.told.push(`${name} is ${deletes ? "deleted" : "edited"}`);
    try {
      if (deletes) await client.delete(ResourceBinding, { namespace, name });
      else
        await client.patch(
          ResourceBinding,
          { namespace, name },
          { type: "merge", patch: { spec: { requiredBy: null } } },
        );
    } catch (error) {
      assert.ok(isApiError(error, "NotFound"), String(error));
    }
  }

  #note(what: string, name: string, referrer: Referrer): void {
    this.told.push(what);
    this.#referrers.set(name, referrer);
  }

  /** At least one of them. */
  #some(all: readonly string[]): ReadonlySet<string> {
    const chosen = all.filter(() => this.#next() % 2 === 0);
    return new Set(chosen.length === 0 ? [this.#pick(all)] : chosen);
  }

  #pick<T>(all: readonly T[]): T {
    const found = all[this.#next() % all.length];
    if (found === undefined) throw new RangeError("nothing to pick from");
    return found;
  }

  #next(): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#state >>> 8;
  }
}

/** The part of a Deployment that says what it refers to. */
function specOf(referrer: Referrer | undefined) {
  const envFrom = [...(referrer?.refers ?? [])].map((name) => ({ configMapRef: { name } }));
  return { spec: { template: { spec: { containers: [{ name: "nginx", image: "nginx", envFrom }] } } } };
}
