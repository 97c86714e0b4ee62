// Fills Secrets of type kubernetes.io/service-account-token with a token that lives as long as they do, and removes them
// with their account. The token is asked of the API server, which alone has the signing key.
// Reads: secrets, serviceaccounts. Writes: secrets. Decides in ./decide.ts.
// Upstream: kubernetes pkg/controller/serviceaccount/tokens_controller.go.
import { Secret, ServiceAccount } from "#api/kinds.ts";
import type { Client } from "#client/client.ts";
import { requestServiceAccountToken } from "#client/service-account-token.ts";
import { isApiError } from "#machinery/api-error.ts";
import { type Controller, defineController, done, watches } from "#runtime/index.ts";
import { accountOf, judgeTokenSecret, type TokenSecretStep, withToken } from "./decide.ts";

/** Such tokens end with their secret, not with time: a hundred years, within what servers allow. */
const expirationSeconds = 100 * 365 * 24 * 60 * 60;

/** `authority`: PEM, for `ca.crt` in the secrets. */
export function serviceAccountTokens(authority: string): Controller {
  return defineController({
    name: "serviceaccount-token-controller",
    for: [Secret],
    watches: [
      watches(ServiceAccount, ({ metadata: { name, namespace } }, _old, { informers }) =>
        informers
          .for(Secret)
          .list(namespace)
          .filter((secret) => accountOf(secret) === name)
          .map((secret) => ({ kind: Secret, namespace, name: secret.metadata.name })),
      ),
    ],
    options: {},
    async reconcile({ namespace, name }, { client, informers, log, signal }) {
      const secret = informers.for(Secret).get({ namespace, name });
      const account = secret === undefined ? undefined : accountOf(secret);
      if (secret === undefined || account === undefined) return done;
      const ref = { namespace, name: account };
      // The copy may be older than the secret: only the server knows that an account is not there.
      const found = informers.for(ServiceAccount).get(ref) ?? (await client.find(ServiceAccount, ref, { signal }));
      const step = judgeTokenSecret(secret, found, authority);
      if (step.kind === "delete") log.info("removing the token of a service account that is gone", { namespace, name });
      await carryOut(step, { secret, account, client, signal }).catch((error: unknown) => {
        // Somebody else was faster: the next event brings what they wrote.
        if (!isApiError(error, "Conflict", "NotFound")) throw error;
      });
      return done;
    },
  });
}

interface Work {
  readonly secret: Secret;
  readonly account: string;
  readonly client: Client;
  readonly signal: AbortSignal;
}

async function carryOut(step: TokenSecretStep, { secret, account, client, signal }: Work): Promise<void> {
  switch (step.kind) {
    case "nothing":
      return;
    case "delete": {
      const { uid, resourceVersion } = secret.metadata;
      if (uid === undefined || resourceVersion === undefined) return;
      await client.delete(Secret, secret.metadata, { preconditions: { uid, resourceVersion }, signal });
      return;
    }
    case "fill": {
      const wanted = {
        account: { namespace: secret.metadata.namespace, name: account },
        boundTo: { kind: "Secret", object: secret },
        expirationSeconds,
      } as const;
      const filled = step.needsToken
        ? withToken(step.secret, await requestServiceAccountToken(client, wanted, signal))
        : step.secret;
      await client.update(Secret, filled, { signal });
    }
  }
}
