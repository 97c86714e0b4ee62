// Bootstrap tokens: ConfigMap kube-public/cluster-info is signed with each that may sign, expired ones are removed.
// Reads: secrets, configmaps. Writes: configmaps; deletes secrets.
// Upstream: kubernetes pkg/controller/bootstrap/{bootstrapsigner,tokencleaner}.go.
import { ConfigMap, Secret } from "#api/kinds.ts";
import { isApiError } from "#machinery/api-error.ts";
import { deepEqual } from "#machinery/equality.ts";
import { defineController, done, requeueAfter, watches } from "#runtime/index.ts";
import { bootstrapSecretType, expirationOf, signedData } from "./decide.ts";

const tokenNamespace = "kube-system";
const info = { namespace: "kube-public", name: "cluster-info" };

export const tokenCleaner = defineController({
  name: "token-cleaner-controller",
  for: [Secret],
  options: {},
  async reconcile({ name, namespace = "" }, { client, clock, informers, signal }) {
    if (namespace !== tokenNamespace) return done;
    const secret = informers.for(Secret).get({ namespace, name });
    const end = secret === undefined ? undefined : expirationOf(secret);
    if (secret === undefined || end === undefined) return done;
    if (end > clock.now()) return requeueAfter(end - clock.now());
    const { uid } = secret.metadata;
    try {
      await client.delete(Secret, { namespace, name }, { ...(uid && { preconditions: { uid } }), signal });
    } catch (error) {
      if (!isApiError(error, "NotFound", "Conflict")) throw error;
    }
    return done;
  },
});

export const bootstrapSigner = defineController({
  name: "bootstrap-signer-controller",
  for: [ConfigMap],
  watches: [
    watches(Secret, ({ type, metadata }) =>
      type === bootstrapSecretType && metadata.namespace === tokenNamespace ? [{ kind: ConfigMap, ...info }] : [],
    ),
  ],
  options: {},
  async reconcile({ name, namespace = "" }, { client, clock, informers, signal }) {
    if (namespace !== info.namespace || name !== info.name) return done;
    const present = informers.for(ConfigMap).get(info);
    if (present === undefined) return done;
    const tokens = informers.for(Secret).list(tokenNamespace);
    const data = signedData(present.data ?? {}, tokens, clock.now());
    if (deepEqual(data, present.data ?? {})) return done;
    try {
      await client.update(ConfigMap, { ...present, data }, { signal });
    } catch (error) {
      if (!isApiError(error, "NotFound", "Conflict")) throw error;
    }
    return done;
  },
});
