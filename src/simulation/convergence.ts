// The invariant of a calm world: every template that a policy selects is in exactly the clusters that the policy names,
// as the template has it; and of a template that has gone, nothing of Karmada's is left.
import { ConfigMap } from "#api/kinds.ts";
import { PropagationPolicy } from "#api/policy/propagation-policy.ts";
import { ResourceBinding } from "#api/work/binding.ts";
import { Work } from "#api/work/work.ts";
import { templateNames } from "./user.ts";
import type { World } from "./world.ts";

const namespace = "default";

/** What is not as it should be, or undefined. */
export async function divergence(world: World): Promise<string | undefined> {
  const works = (await world.client().list(Work)).items;
  for (const name of templateNames) {
    const bindingName = `${name}-configmap`;
    const count = works.filter(
      ({ metadata }) => metadata.annotations?.["resourcebinding.karmada.io/name"] === bindingName,
    ).length;
    const problem = await divergenceOf(world, name, bindingName, count);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

async function divergenceOf(
  world: World,
  name: string,
  bindingName: string,
  works: number,
): Promise<string | undefined> {
  const client = world.client();
  const template = await client.find(ConfigMap, { namespace, name });
  const policy = await client.find(PropagationPolicy, { namespace, name: `${name}-pp` });
  // A template whose policy has gone stays as it is in the members; no more is promised.
  if (template !== undefined && policy === undefined) return undefined;
  const wanted = template === undefined ? [] : (policy?.spec.placement?.clusterAffinity?.clusterNames ?? []);
  const binding = await client.find(ResourceBinding, { namespace, name: bindingName });
  if (template === undefined && binding !== undefined) return `${name}: its binding is still there`;
  if (works !== wanted.length) return `${name}: ${works} Works for ${wanted.join()}`;
  for (const member of world.members) {
    const object = await world.client(member).find(ConfigMap, { namespace, name });
    const right = wanted.includes(member) ? template?.data?.["value"] : undefined;
    const value = object?.data?.["value"];
    if (value !== right) return `${name} in ${member}: ${String(value)} instead of ${String(right)}`;
  }
  return undefined;
}
