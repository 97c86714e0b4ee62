// Fills cluster roles with an aggregationRule: their rules are those of all roles that the rule selects.
// Reads: clusterroles. Writes: clusterroles. Upstream: kubernetes pkg/controller/clusterroleaggregation.
import { ClusterRole } from "#api/kinds.ts";
import { isApiError } from "#machinery/api-error.ts";
import { deepEqual } from "#machinery/equality.ts";
import { labelSelectorOf } from "#machinery/selectors.ts";
import { defineController, done, watches } from "#runtime/index.ts";

type Rules = NonNullable<ClusterRole["rules"]>;

export const clusterRoleAggregation = defineController({
  name: "clusterrole-aggregation-controller",
  for: [ClusterRole],
  watches: [
    // Any role may be selected by any aggregate, with its labels of now or of before.
    watches(ClusterRole, (_role, _old, { informers }) =>
      informers
        .for(ClusterRole)
        .list()
        .filter(({ aggregationRule }) => aggregationRule !== undefined)
        .map(({ metadata: { name } }) => ({ kind: ClusterRole, name })),
    ),
  ],
  options: {},
  async reconcile({ name }, { client, informers, signal }) {
    const roles = informers.for(ClusterRole);
    const role = roles.get({ name });
    if (role?.aggregationRule === undefined) return done;
    const rules = aggregatedRules(role, roles.list());
    if (deepEqual(rules, role.rules ?? [])) return done;
    try {
      await client.update(ClusterRole, { ...role, rules }, { signal });
    } catch (error) {
      // What was written meanwhile comes as the next event.
      if (!isApiError(error, "Conflict", "NotFound")) throw error;
    }
    return done;
  },
});

/** The rules of the selected roles, by the roles' names, each rule once. A role never selects itself. */
function aggregatedRules(role: ClusterRole, all: readonly ClusterRole[]): Rules {
  const selectors = (role.aggregationRule?.clusterRoleSelectors ?? []).map(labelSelectorOf);
  const selected = all
    .filter(({ metadata }) => metadata.name !== role.metadata.name)
    .filter(({ metadata: { labels = {} } }) => selectors.some((matches) => matches(labels)))
    .sort((left, right) => (left.metadata.name < right.metadata.name ? -1 : 1));
  const rules: Rules[number][] = [];
  for (const rule of selected.flatMap((each) => each.rules ?? [])) {
    if (!rules.some((known) => deepEqual(known, rule))) rules.push(rule);
  }
  return rules;
}
