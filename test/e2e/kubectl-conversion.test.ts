// A custom resource in two versions, converted by a webhook over real HTTPS, as kubectl meets it.
import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { before, after, describe, test } from "node:test";
import { fieldOf, isArray, isRecord } from "#machinery/guards.ts";
import { type HttpsServer, serveHttps } from "../apiserver/https-server.ts";
import { eventually, needsKubectl, type Plane, startPlane } from "./plane.ts";

const soonMilliseconds = 30_000;

/** v1 has spec.hostPort `a:1`, v2 has spec.host and spec.port. */
function converted(object: unknown, apiVersion: unknown): object {
  const read = (field: string): string => {
    const value = fieldOf(object, "spec", field);
    return typeof value === "string" ? value : "";
  };
  const [host, port] = read("hostPort") === "" ? [read("host"), read("port")] : read("hostPort").split(":");
  const isFirst = String(apiVersion).endsWith("/v1");
  const spec = isFirst ? { hostPort: `${String(host)}:${String(port)}` } : { host, port };
  return { ...(isRecord(object) ? object : {}), apiVersion, spec };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const review = await json(request);
  const objects = fieldOf(review, "request", "objects");
  const wanted = fieldOf(review, "request", "desiredAPIVersion");
  const convertedObjects = (isArray(objects) ? objects : []).map((object) => converted(object, wanted));
  const uid = fieldOf(review, "request", "uid");
  const result = { uid, convertedObjects, result: { status: "Success" } };
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ apiVersion: "apiextensions.k8s.io/v1", kind: "ConversionReview", response: result }));
}

const text = { type: "string" };
const versionWith = (name: string, storage: boolean, properties: object, column: string) => ({
  ...{ name, served: true, storage },
  schema: { openAPIV3Schema: { type: "object", properties: { spec: { type: "object", properties } } } },
  additionalPrinterColumns: [{ name: column, type: "string", jsonPath: `.spec.${column}` }],
});

const definition = ({ url, authority }: HttpsServer) => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "crontabs.example.com" },
  spec: {
    group: "example.com",
    scope: "Namespaced",
    names: { plural: "crontabs", singular: "crontab", kind: "CronTab", shortNames: ["ct"] },
    versions: [
      versionWith("v1", true, { hostPort: text }, "hostPort"),
      versionWith("v2", false, { host: text, port: text }, "host"),
    ],
    conversion: {
      strategy: "Webhook",
      webhook: {
        clientConfig: { url: `${url}/convert`, caBundle: Buffer.from(authority).toString("base64") },
        conversionReviewVersions: ["v1", "v1beta1"],
      },
    },
  },
});

const manifest = (version: string, name: string, spec: object) =>
  JSON.stringify({ apiVersion: `example.com/${version}`, kind: "CronTab", metadata: { name }, spec });

describe("kubectl and a conversion webhook", needsKubectl, () => {
  let plane: Plane;
  before(async () => {
    plane = await startPlane(["--members", "0"]);
  });
  after(() => plane.dispose());

  test("objects are applied and read in both versions, also when the stored one changes", async (t) => {
    const hook = await serveHttps(t, ["127.0.0.1"], (request, response) => void answer(request, response));
    const crd = definition(hook);
    await plane.kubectl("apply -f -", { input: JSON.stringify(crd) });
    await plane.kubectl("wait --for=condition=Established crd/crontabs.example.com --timeout=30s");
    await plane.kubectl("apply -f -", { input: manifest("v1", "one", { hostPort: "a:1" }) });
    await plane.kubectl("apply --server-side -f -", { input: manifest("v2", "two", { host: "b", port: "2" }) });
    const spec = (version: string, name: string): Promise<string> =>
      plane.kubectl(`get crontabs.${version}.example.com ${name} -o jsonpath={.spec}`);
    assert.equal(await spec("v1", "two"), '{"hostPort":"b:2"}');
    assert.equal(await spec("v2", "one"), '{"host":"a","port":"1"}');
    assert.match(await plane.kubectl("get crontabs.v2.example.com"), /NAME +HOST\none +a\ntwo +b\n/);
    const patch = JSON.stringify({ spec: { port: "9" } });
    await plane.kubectl(["patch", "crontabs.v2.example.com", "one", "--type=merge", "-p", patch]);
    assert.equal(await spec("v1", "one"), '{"hostPort":"a:9"}');

    const [first, second] = crd.spec.versions.map((version) => ({ ...version, storage: !version.storage }));
    const moved = { ...crd, spec: { ...crd.spec, versions: [first, second] } };
    await plane.kubectl("apply -f -", { input: JSON.stringify(moved) });
    const stored = await plane.kubectl("get crd crontabs.example.com -o jsonpath={.status.storedVersions}");
    assert.equal(stored, '["v1","v2"]');
    assert.equal(await spec("v2", "two"), '{"host":"b","port":"2"}');
    await plane.kubectl("delete crontabs one two");
  });

  test("a webhook that is not there is told of, and the definition can still be removed", async () => {
    const crd = definition({ url: "https://127.0.0.1:1", authority: "-----BEGIN CERTIFICATE-----\n" });
    await plane.kubectl("apply -f -", { input: JSON.stringify(crd) });
    await eventually("the definition to be served", soonMilliseconds, () =>
      plane.kubectl("apply -f -", { input: manifest("v1", "lone", { hostPort: "a:1" }) }),
    );
    await eventually("the failure", soonMilliseconds, async () => {
      const { err } = await plane.tryKubectl("get crontabs.v2.example.com lone");
      assert.match(
        err,
        /conversion webhook for example.com\/v1, Kind=CronTab failed: Post "https:\/\/127.0.0.1:1\/convert\?timeout=30s": /,
      );
      return err;
    });
    await plane.kubectl("delete crd crontabs.example.com --timeout=30s");
  });
});
