// Gives every namespace its service account `default`, again and again if it must.
// Reads: namespaces, serviceaccounts. Writes: serviceaccounts.
// Upstream: kubernetes pkg/controller/serviceaccount/serviceaccounts_controller.go.
import { Namespace, ServiceAccount } from "#api/kinds.ts";
import { isApiError } from "#machinery/api-error.ts";
import { defineController, done, watches } from "#runtime/index.ts";

const accountName = "default";

export const defaultServiceAccount = defineController({
  name: "serviceaccount-controller",
  for: [Namespace],
  changed: () => false, // What a namespace says later changes nothing here.
  watches: [
    watches(ServiceAccount, ({ metadata: { name, namespace = "" } }) =>
      name === accountName ? [{ kind: Namespace, name: namespace }] : [],
    ),
  ],
  options: {},
  async reconcile({ name: namespace }, { client, informers, signal }) {
    const found = informers.for(Namespace).get({ name: namespace });
    if (found === undefined || found.metadata.deletionTimestamp !== undefined) return done;
    if (informers.for(ServiceAccount).get({ namespace, name: accountName }) !== undefined) return done;
    try {
      await client.create(ServiceAccount, { metadata: { namespace, name: accountName } }, { signal });
    } catch (error) {
      // It is there already, or its namespace is on its way out.
      if (!isApiError(error, "AlreadyExists", "Forbidden", "NotFound")) throw error;
    }
    return done;
  },
});
