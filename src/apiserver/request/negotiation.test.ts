import assert from "node:assert/strict";
import { test } from "node:test";
import type { ApiRequest } from "#machinery/http.ts";
import { negotiate, type Offer } from "./negotiation.ts";
import { parseRequestInfo } from "./request-info.ts";

const all: Offer = {
  transformations: ["Table", "PartialObjectMetadata", "PartialObjectMetadataList"],
  stream: false,
};
const none: Offer = { transformations: [], stream: false };

function request(headers: Record<string, string>): ApiRequest {
  return { method: "GET", path: "/api/v1/pods", headers, signal: new AbortController().signal };
}

function pick(headers: Record<string, string>, offer = all, query = "") {
  return negotiate(request(headers), parseRequestInfo("GET", `/api/v1/pods?${query}`), offer);
}

const kubectlGet =
  "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";
const metadataClient =
  "application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1," +
  "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

for (const { name, headers, offer = all, expected } of [
  { name: "nothing", headers: {}, expected: { mediaType: "application/json", as: undefined } },
  { name: "anything", headers: { accept: "*/*" }, expected: { mediaType: "application/json" } },
  { name: "kubectl get", headers: { accept: kubectlGet }, expected: { as: "Table", metaVersion: "v1" } },
  {
    name: "kubectl get of what has no table",
    headers: { accept: kubectlGet },
    offer: none,
    expected: { as: undefined },
  },
  { name: "the metadata client", headers: { accept: metadataClient }, expected: { as: "PartialObjectMetadata" } },
  {
    name: "a typed Go client",
    headers: { accept: "application/vnd.kubernetes.protobuf,application/json" },
    expected: { mediaType: "application/json" },
  },
  { name: "YAML", headers: { accept: "application/yaml" }, expected: { mediaType: "application/yaml" } },
  {
    name: "weights",
    headers: { accept: "application/json;q=0.1, application/yaml;q=0.9" },
    expected: { mediaType: "application/yaml" },
  },
  { name: "a person with curl", headers: { "user-agent": "curl/8.0" }, expected: { pretty: true } },
]) {
  test(`${name} is negotiated`, () => {
    const negotiated: Readonly<Record<string, unknown>> = { ...pick(headers, offer) };
    for (const [field, value] of Object.entries(expected)) assert.equal(negotiated[field], value, field);
  });
}

test("pretty can be asked for and forbidden", () => {
  assert.equal(pick({}, all, "pretty=true").pretty, true);
  assert.equal(pick({ "user-agent": "curl/8.0" }, all, "pretty=false").pretty, false);
});

for (const [accept, offer, message] of [
  ["text/html", all, "only the following media types are accepted: application/json, application/yaml"],
  ["application/json;as=Table;v=v1;g=meta.k8s.io", none, /only the following media types are accepted/],
  [
    "application/yaml",
    { ...all, stream: true },
    "only the following media types are accepted: application/json;stream=watch",
  ],
] as const) {
  test(`${accept} alone is refused`, () => {
    assert.throws(() => pick({ accept }, offer), { reason: "NotAcceptable", code: 406, message });
  });
}
