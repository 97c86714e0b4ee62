// Karmada's admission as another API server meets it: HTTPS, AdmissionReview, and what the configuration objects say.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import https from "node:https";
import { after, before, describe, test } from "node:test";
import { karmadaWebhooks } from "#api/admission/karmada-admission.ts";
import { webhookConfigurations } from "#api/admission/webhook-configuration.ts";
import { checksOf } from "#api/builtin/validation/validation.ts";
import { crdOf } from "#api/crd.ts";
import { karmadaKinds } from "#api/karmada.ts";
import {
  ConfigMap,
  CustomResourceDefinition,
  MutatingWebhookConfiguration,
  ValidatingWebhookConfiguration,
} from "#api/kinds.ts";
import { PropagationPolicy } from "#api/policy/propagation-policy.ts";
import { listen, type Listener } from "#apiserver/listener/listener.ts";
import { startApiServer } from "#apiserver/start-api-server.ts";
import { testVersion } from "#apiserver/testing.ts";
import { webhookHandler } from "#apiserver/webhook-server/handler.ts";
import { createAuthority, issueServerCertificate } from "#install/certificates.ts";
import type { KubeObject } from "#machinery/object.ts";
import { decodeJsonPatch, applyJsonPatch } from "#machinery/patch/json-patch.ts";
import { silentLogger } from "#std/logger.ts";
import { systemRandom } from "#std/random.ts";
import { systemClock } from "#std/time.ts";
import { memoryStorage } from "#storage/memory/memory-storage.ts";

const waitMillisecondsMax = 20_000;
const pollMilliseconds = 20;
const common = { clock: systemClock, random: systemRandom() };
const webhooks = karmadaWebhooks(common);

interface Answer {
  readonly status: number;
  readonly text: string;
}

interface Response {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: { readonly code: number; readonly reason: string; readonly message: string };
  readonly patchType?: string;
  readonly patch?: string;
}

const policy = {
  apiVersion: "policy.karmada.io/v1alpha1",
  kind: "PropagationPolicy",
  metadata: { name: "nginx", namespace: "default" },
  spec: { resourceSelectors: [{ apiVersion: "apps/v1", kind: "Deployment" }] },
};

function reviewOf(object: object | null, more: object = {}): object {
  return {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: {
      uid: "review-1",
      kind: { group: "policy.karmada.io", version: "v1alpha1", kind: "PropagationPolicy" },
      resource: { group: "policy.karmada.io", version: "v1alpha1", resource: "propagationpolicies" },
      name: "nginx",
      namespace: "default",
      operation: "CREATE",
      userInfo: { username: "u", groups: ["g"] },
      object,
      oldObject: null,
      dryRun: false,
      ...more,
    },
  };
}

describe("karmada webhook", () => {
  let listener: Listener;
  let authority: string;
  before(async () => {
    const issuer = await createAuthority({ ...common, commonName: "ca" });
    authority = issuer.certificate;
    const tls = await issueServerCertificate(issuer, { ...common, commonName: "hook", hosts: ["127.0.0.1"] });
    listener = await listen({
      handler: webhookHandler(webhooks),
      tls: { cert: tls.certificate, key: tls.privateKey },
      host: "127.0.0.1",
      port: 0,
      clock: systemClock,
      log: silentLogger,
    });
  });
  after(() => listener.close());

  function ask(path: string, body?: string, headers: Record<string, string> = {}): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const options = { host: "127.0.0.1", port: listener.port, path, ca: authority, agent: false as const };
    const method = body === undefined ? "GET" : "POST";
    const request = https.request({ ...options, method, headers: { "content-type": "application/json", ...headers } });
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
      });
    });
    request.on("error", reject);
    request.end(body);
    return promise;
  }

  async function review(path: string, body: object): Promise<Response> {
    const { status, text } = await ask(path, JSON.stringify(body));
    assert.equal(status, 200, text);
    const { response } = JSON.parse(text) as { response: Response };
    assert.equal(response.uid, "review-1");
    return response;
  }

  async function mutated(path: string, object: object, more: object = {}): Promise<KubeObject> {
    const { allowed, patchType, patch = "" } = await review(path, reviewOf(object, more));
    assert.equal(allowed, true);
    assert.equal(patchType, "JSONPatch");
    const operations = decodeJsonPatch(JSON.parse(Buffer.from(patch, "base64").toString()));
    return applyJsonPatch(object, operations) as KubeObject;
  }

  test("is ready when it listens", async () => {
    assert.deepEqual(await ask("/readyz"), { status: 200, text: "ok" });
    assert.equal((await ask("/healthz?verbose")).status, 200);
  });

  test("answers a mutating review with a patch", async () => {
    const { metadata, spec } = await mutated("/mutate-propagationpolicy", policy);
    assert.deepEqual(metadata.finalizers, ["karmada.io/propagation-policy-controller"]);
    assert.match(metadata.labels?.["propagationpolicy.karmada.io/permanent-id"] ?? "", /^[0-9a-f-]{36}$/);
    assert.deepEqual(spec, {
      resourceSelectors: [{ apiVersion: "apps/v1", kind: "Deployment", namespace: "default" }],
    });
  });

  test("an object that has no name yet is given none", async () => {
    const unnamed = { ...policy, metadata: { generateName: "nginx-", namespace: "default" } };
    const { metadata } = await mutated("/mutate-propagationpolicy", unnamed, { name: "" });
    assert.deepEqual(Object.keys(metadata).sort(), ["finalizers", "generateName", "labels", "namespace"]);
  });

  test("answers without a patch where nothing is to be filled in", async () => {
    const object = await mutated("/mutate-propagationpolicy", policy);
    const response = await review(
      "/mutate-propagationpolicy",
      reviewOf(object, { operation: "UPDATE", oldObject: object }),
    );
    assert.deepEqual(response, { uid: "review-1", allowed: true });
  });

  test("refuses with the reason alone: the API server says which webhook it was", async () => {
    const { allowed, status } = await review("/validate-propagationpolicy", reviewOf(policy));
    assert.equal(allowed, false);
    assert.equal(status?.code, 403);
    assert.equal(status.reason, "Forbidden");
    assert.equal(
      status.message,
      "label propagationpolicy.karmada.io/permanent-id is required, it should be set by the mutating admission webhook during creation",
    );
  });

  test("protects what is labelled, of whatever kind", async () => {
    const kind = { group: "apps", version: "v1", kind: "Deployment" };
    const labels = { "resourcetemplate.karmada.io/deletion-protected": "Always" };
    const oldObject = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "nginx", labels } };
    const request = { kind, operation: "DELETE", oldObject };
    const { status } = await review("/validate-resourcedeletionprotection", reviewOf(null, request));
    assert.match(status?.message ?? "", /^This resource is protected/);
    const free = { ...request, oldObject: { ...oldObject, metadata: { name: "nginx" } } };
    assert.equal((await review("/validate-resourcedeletionprotection", reviewOf(null, free))).allowed, true);
  });

  test("bad requests are told apart", async () => {
    assert.equal((await ask("/mutate-nothing", "{}")).status, 404);
    assert.equal((await ask("/mutate-work")).status, 405);
    assert.equal((await ask("/mutate-work", "{}", { "content-type": "text/plain" })).status, 415);
    for (const body of [
      "{}",
      "{",
      "[]",
      JSON.stringify({ ...reviewOf(policy), apiVersion: "admission.k8s.io/v1beta1" }),
    ]) {
      assert.equal((await ask("/mutate-work", body)).status, 400, body);
    }
    const broken = await review("/mutate-work", reviewOf({ kind: "Work" }));
    assert.equal(broken.allowed, false);
    assert.equal(broken.status?.code, 400);
  });

  test("converts bindings between versions, and says why where it cannot", async () => {
    const head = { apiVersion: "apiextensions.k8s.io/v1", kind: "ConversionReview" };
    const binding = { apiVersion: "work.karmada.io/v1alpha1", kind: "ResourceBinding", metadata: { name: "b" } };
    const convert = async (desiredAPIVersion: string): Promise<unknown> => {
      const request = { uid: "review-1", desiredAPIVersion, objects: [binding] };
      const { status, text } = await ask("/convert", JSON.stringify({ ...head, request }));
      assert.equal(status, 200);
      return (JSON.parse(text) as { response: unknown }).response;
    };
    assert.deepEqual(await convert("work.karmada.io/v1alpha2"), {
      uid: "review-1",
      convertedObjects: [{ ...binding, apiVersion: "work.karmada.io/v1alpha2" }],
      result: { status: "Success" },
    });
    assert.deepEqual(await convert("work.karmada.io/v1"), {
      uid: "review-1",
      convertedObjects: [],
      result: {
        status: "Failure",
        message:
          "request.objects[0]: ResourceBinding of work.karmada.io/v1alpha1 to work.karmada.io/v1: ResourceBinding and " +
          "ClusterResourceBinding are converted between work.karmada.io/v1alpha1 and work.karmada.io/v1alpha2",
      },
    });
    assert.equal((await ask("/convert", "{}")).status, 400);
  });

  test("every path of the configuration objects is served, and the objects are valid", async () => {
    const url = `https://127.0.0.1:${String(listener.port)}`;
    const configurations = webhookConfigurations(webhooks, { url, caBundle: authority }) as readonly (KubeObject & {
      readonly webhooks: readonly { readonly name: string; readonly clientConfig: { readonly url: string } }[];
    })[];
    assert.deepEqual(
      configurations.map(({ metadata }) => metadata.name),
      ["mutating-config", "validating-config"],
    );
    for (const configuration of configurations) {
      const group = "admissionregistration.k8s.io";
      assert.deepEqual(checksOf({ group, kind: configuration.kind }).validate?.(configuration), []);
      for (const { clientConfig } of configuration.webhooks) {
        const answer = await ask(
          clientConfig.url.slice(url.length),
          JSON.stringify(reviewOf({}, { operation: "CONNECT" })),
        );
        assert.equal(answer.status, 200, clientConfig.url);
      }
    }
    assert.ok((configurations[1]?.webhooks.length ?? 0) >= 12);
  });

  test("an API server that knows nothing of Karmada asks it by the configuration objects", async (t) => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const end = new AbortController();
    const server = await startApiServer({
      storage: memoryStorage({ clock: systemClock }),
      admission: [],
      ...{ ...common, log: silentLogger, version: testVersion, signal: end.signal },
      signingKeys: [privateKey.export({ type: "pkcs8", format: "pem" }).toString()],
      address: { host: "10.0.0.1", port: 6443 },
    });
    const { client } = server;
    t.after(async () => {
      end.abort(new Error("the test is over"));
      await client.close();
      await server.close();
    });
    for (const kind of karmadaKinds.filter(({ kind: name }) => name === PropagationPolicy.kind)) {
      await client.create(CustomResourceDefinition, JSON.parse(JSON.stringify(crdOf(kind))) as never);
    }
    const url = `https://127.0.0.1:${String(listener.port)}`;
    const [mutating, validating] = webhookConfigurations(webhooks, { url, caBundle: authority });
    await client.create(MutatingWebhookConfiguration, mutating as never);
    await client.create(ValidatingWebhookConfiguration, validating as never);

    const createPolicy = (name: string): Promise<PropagationPolicy> =>
      client.create(PropagationPolicy, { ...policy, metadata: { name, namespace: "default" } });
    const labels = { "resourcetemplate.karmada.io/deletion-protected": "Always" };
    // The server sees the definition and the configurations a moment later.
    const asked = await eventually(async (round) => {
      const created = await createPolicy(`p${String(round)}`);
      return created.metadata.labels === undefined ? undefined : created;
    });
    assert.deepEqual(asked.metadata.finalizers, ["karmada.io/propagation-policy-controller"]);
    const refused = await eventually(async (round) => {
      const metadata = { name: `kept${String(round)}`, namespace: "default", labels };
      await client.create(ConfigMap, { metadata });
      const answer: unknown = await client.delete(ConfigMap, metadata).catch((error: unknown) => error);
      return answer instanceof Error ? answer : undefined;
    });
    assert.equal(
      refused.message,
      'admission webhook "resourcedeletionprotection.karmada.io" denied the request: This resource is protected, ' +
        "please make sure to remove the label: resourcetemplate.karmada.io/deletion-protected",
    );
  });
});

/** What `attempt` first answers; an error of it counts as no answer. */
async function eventually<T>(attempt: (round: number) => Promise<T | undefined>): Promise<T> {
  const deadline = systemClock.monotonic() + waitMillisecondsMax;
  for (let round = 0; ; round += 1) {
    const answer = await attempt(round).catch((error: unknown) => {
      if (systemClock.monotonic() > deadline) throw error;
      return undefined;
    });
    if (answer !== undefined) return answer;
    assert.ok(systemClock.monotonic() < deadline, "it has not come to pass");
    await systemClock.sleep(pollMilliseconds);
  }
}
