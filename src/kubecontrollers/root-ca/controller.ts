// Publishes the authority of the API server's certificate in every namespace, as ConfigMap `kube-root-ca.crt`.
// Reads: namespaces, configmaps. Writes: configmaps.
// Upstream: kubernetes pkg/controller/certificates/rootcacertpublisher/publisher.go.
import { ConfigMap, Namespace } from "#api/kinds.ts";
import { isApiError } from "#machinery/api-error.ts";
import { deepEqual } from "#machinery/equality.ts";
import { type Controller, defineController, done } from "#runtime/index.ts";

const configMapName = "kube-root-ca.crt";
const annotations = {
  "kubernetes.io/description": "Holds the authority that pods trust when they speak to the API server of this cluster.",
};

/** `authority`: PEM. */
export function rootCaPublisher(authority: string): Controller {
  const data = { "ca.crt": authority };
  return defineController({
    name: "root-ca-certificate-publisher-controller",
    for: [Namespace],
    changed: () => false,
    watches: [
      {
        kind: ConfigMap,
        mapName: ({ name, namespace = "" }) => (name === configMapName ? [{ kind: Namespace, name: namespace }] : []),
      },
    ],
    options: {},
    async reconcile({ name: namespace }, { client, informers, signal }) {
      const found = informers.for(Namespace).get({ name: namespace });
      if (found === undefined || found.metadata.deletionTimestamp !== undefined) return done;
      const metadata = { namespace, name: configMapName, annotations };
      const present = informers.for(ConfigMap).get(metadata);
      try {
        if (present === undefined) {
          await client.create(ConfigMap, { metadata, data }, { signal });
        } else if (!deepEqual(present.data, data)) {
          const mended = { ...present.metadata, annotations: { ...present.metadata.annotations, ...annotations } };
          await client.update(ConfigMap, { ...present, metadata: mended, data }, { signal });
        }
      } catch (error) {
        // It is there already, or its namespace is on its way out.
        if (!isApiError(error, "AlreadyExists", "Forbidden", "NotFound")) throw error;
      }
      return done;
    },
  });
}
