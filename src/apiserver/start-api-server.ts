// A whole Kubernetes API server: the core over a storage, with identities, roles, custom resources and the objects that
// every cluster has. It opens no socket. The control plane and each local member cluster are one of these.
// Upstream: kubernetes pkg/controlplane/apiserver.
import { builtinResources } from "#api/builtin/index.ts";
import { Secret, Service } from "#api/kinds.ts";
import type { Client, Transport } from "#client/client.ts";
import type { AdmissionPlugin } from "#machinery/admission.ts";
import { inProcessTransport } from "#client/in-process-transport.ts";
import type { InformerFactory } from "#client/informer.ts";
import { createInformerFactory } from "#client/informers.ts";
import { createClient } from "#client/rest-client.ts";
import type { RequestHandler, UserInfo } from "#machinery/http.ts";
import { certificateRequests } from "./admission/certificate-requests.ts";
import { policyAdmission } from "./admission/policies/policies.ts";
import { httpsWebhookCaller, type WebhookCaller } from "#client/webhook-caller.ts";
import { webhookAdmission } from "./admission/webhooks/webhooks.ts";
import {
  bearerTokenAuthenticator,
  requestUserAuthenticator,
  staticTokenAuthenticator,
  unionAuthenticator,
} from "./auth/authenticators.ts";
import type { Authenticator, Authorizer } from "./auth/authorizer.ts";
import { identityHandlers } from "./auth/handlers.ts";
import { createRbacAuthorizer } from "./auth/rbac/authorizer.ts";
import { escalationCheck } from "./auth/rbac/escalation.ts";
import { informerRbacSource } from "./auth/rbac/informer-source.ts";
import { reviewerOf, type TokenReviewer } from "./auth/reviews/identity-reviews.ts";
import { loadSigningKey } from "./auth/tokens/jwt.ts";
import { serviceAccountAuthenticator } from "./auth/tokens/service-account-authenticator.ts";
import { bootstrapTokenAuthenticator } from "./auth/tokens/bootstrap-tokens.ts";
import { clientTokenObjects } from "./auth/tokens/token-objects.ts";
import { groupMasters } from "./auth/users.ts";
import { conversionWebhooks } from "./crd/conversion-webhook.ts";
import { startCrdController } from "./crd/controller.ts";
import type { ApiServer, ApiServerOptions, ConnectHandler, ExtraHandlers } from "./options.ts";
import { createApiServer } from "./server.ts";
import type { Upgrade } from "./listener/listener.ts";
import { type StreamHandler, streamUpgrades } from "./streams/upgrades.ts";
import { ensureStartupObjects, type StartupOptions } from "./startup/startup-objects.ts";

export interface StartApiServerOptions
  extends
    Omit<ApiServerOptions, "authenticate" | "authorize" | "resources" | "policies" | "webhooks">,
    Pick<StartupOptions, "address" | "clientAuthority" | "signal"> {
  /** PEM private keys of service account tokens. The first signs, all verify. */
  readonly signingKeys: readonly [string, ...string[]];
  /** Users by bearer token, beside service accounts. */
  readonly staticTokens?: ReadonlyMap<string, UserInfo>;
  /** `iss` of service account tokens, and what they are for unless they say otherwise. */
  readonly issuer?: string;
  /** How admission webhooks are reached; over HTTPS if absent. */
  readonly webhookCaller?: WebhookCaller;
  /** Subresources of pods that others answer, given the server's own client. */
  readonly containers?: (client: Client) => ContainerHandlers;
}

/** By `group/version/plural/subresource`. */
export interface ContainerHandlers {
  readonly connect: Readonly<Record<string, ConnectHandler>>;
  /** Those that become WebSockets. */
  readonly streams: Readonly<Record<string, StreamHandler>>;
}

export interface RunningApiServer extends ApiServer {
  /** The server's own client, a member of `system:masters`. */
  readonly client: Client;
  /** Informers through that client. */
  readonly informers: InformerFactory;
  /** For the listener: requests that become streams. */
  readonly onUpgrade: (upgrade: Upgrade) => void;
}

const issuerDefault = "https://kubernetes.default.svc.cluster.local";
const ownUser: UserInfo = { name: "system:apiserver", groups: [groupMasters] };

/** Resolves when the server may say that it is ready: all it needs has been read, what every cluster has is there. */
export async function startApiServer(options: StartApiServerOptions): Promise<RunningApiServer> {
  const { clock, random, log, signal } = options;
  const late = lateHandler();
  const client = createClient(late.transport, { userAgent: "kube-apiserver" });
  const informers = createInformerFactory({ client, clock, random, log, signal });
  const identities = identitiesOf(options, client, informers);
  const caller = options.webhookCaller ?? httpsWebhookCaller();
  const policies = policyAdmission(informers, client);
  const webhooks = webhookAdmission(informers, caller);
  const containers = options.containers?.(client) ?? { connect: {}, streams: {} };
  const { authorize } = identities;
  const upgrades = streamUpgrades({
    handlers: containers.streams,
    authorize,
    handle: late.handle,
    log,
    closing: signal,
  });
  const own: ExtraHandlers = { connect: { ...containers.connect, ...upgrades.connect } };
  const server = createApiServer({
    ...options,
    policies,
    webhooks,
    resources: builtinResources,
    authenticate: identities.authenticate,
    authorize,
    admission: [...options.admission, ...identities.admission],
    extraHandlers: joinHandlers(joinHandlers(identities.handlers, own), options.extraHandlers ?? {}),
  });
  late.connect(server.handle);
  const { address, clientAuthority } = options;
  await ensureStartupObjects({
    client,
    address,
    signal,
    ...(clientAuthority === undefined ? {} : { clientAuthority }),
  });
  // What is read now has those objects in it: whoever is let in from here on is judged by them.
  await Promise.all([
    startCrdController({
      ...{ client, informers, registry: server.registry, clock, random, log, signal },
      webhooks: conversionWebhooks({
        ...{ caller, clock, random, signal },
        findService: (ref) => client.find(Service, ref, { signal }),
      }),
    }),
    identities.start(signal),
    policies.synced(signal),
    webhooks.synced(signal),
  ]);
  const close = async (): Promise<void> => {
    await server.close();
    await caller.close();
  };
  return { ...server, close, client, informers, onUpgrade: upgrades.onUpgrade };
}

interface Identities {
  readonly authenticate: Authenticator;
  readonly authorize: Authorizer;
  readonly handlers: ExtraHandlers;
  /** Keeps users from granting, approving and signing what they may not. */
  readonly admission: readonly AdmissionPlugin[];
  /** Reads roles and bindings; before that only `system:masters` may do anything. */
  start(signal: AbortSignal): Promise<void>;
}

function identitiesOf(options: StartApiServerOptions, client: Client, informers: InformerFactory): Identities {
  const { clock, random, issuer = issuerDefault, staticTokens = new Map() } = options;
  const keys = options.signingKeys.map(loadSigningKey);
  const [key] = keys;
  if (key === undefined) throw new Error("an API server needs a key to sign service account tokens");
  const lookup = clientTokenObjects(client);
  const audiences = [issuer];
  const accounts = serviceAccountAuthenticator({ keys, issuer, audiences, lookup, clock });
  const fixed = staticTokenAuthenticator(staticTokens);
  const reviewFixed = reviewerOf([fixed], audiences);
  const review: TokenReviewer = async (token, asked) =>
    (await accounts.review(token, asked)) ?? (await reviewFixed(token, asked));
  const bootstrap = bootstrapTokenAuthenticator({
    lookup: (name) => client.find(Secret, { namespace: "kube-system", name }),
    clock,
  });
  const rbac = informerRbacSource(informers);
  const authorize = createRbacAuthorizer(rbac);
  return {
    authenticate: unionAuthenticator([
      requestUserAuthenticator,
      bearerTokenAuthenticator([fixed, accounts.authenticate, bootstrap]),
    ]),
    authorize,
    admission: [escalationCheck({ source: rbac, authorize }), certificateRequests(authorize)],
    handlers: identityHandlers({
      authorize,
      rbac,
      review,
      keys,
      tokens: { key, issuer, audiences, lookup, clock, random },
    }),
    start: (signal) => rbac.start(signal),
  };
}

/** A transport to a handler that is made later: the server and its own client need each other. Until then requests wait. */
function lateHandler(): {
  readonly transport: Transport;
  readonly handle: RequestHandler;
  connect(handler: RequestHandler): void;
} {
  const { promise, resolve } = Promise.withResolvers<RequestHandler>();
  let connected: RequestHandler = async (request) => (await promise)(request);
  const handle: RequestHandler = (request) => connected(request);
  return {
    transport: inProcessTransport(handle, ownUser),
    handle,
    connect(handler) {
      connected = handler;
      resolve(handler);
    },
  };
}

function joinHandlers(left: ExtraHandlers, right: ExtraHandlers): ExtraHandlers {
  return {
    ...left,
    ...right,
    paths: { ...left.paths, ...right.paths },
    virtual: { ...left.virtual, ...right.virtual },
    connect: { ...left.connect, ...right.connect },
  };
}
