import assert from "node:assert/strict";
import test from "node:test";
import type { ImageOverrider } from "#api/policy/override-policy.ts";
import { fieldOf } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import { formatImage, overrideImages, parseImage } from "./image.ts";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

for (const { text, registry = "", repository, tag = "", digest: expected = "" } of [
  { text: "nginx", repository: "nginx" },
  { text: "nginx:1.25", repository: "nginx", tag: "1.25" },
  { text: "library/nginx", repository: "library/nginx" },
  { text: "docker.io/library/nginx:1", registry: "docker.io", repository: "library/nginx", tag: "1" },
  { text: "localhost/app", registry: "localhost", repository: "app" },
  { text: "registry:5000/team/app:v1", registry: "registry:5000", repository: "team/app", tag: "v1" },
  { text: `nginx@${digest}`, repository: "nginx", digest },
  { text: `nginx:1@${digest}`, repository: "nginx", tag: "1" },
]) {
  test(`parseImage: ${text.slice(0, 40)}`, () => {
    const image = parseImage(text);
    assert.deepEqual(image, { registry, repository, tag, digest: expected });
    if (!text.includes(":1@")) assert.equal(formatImage(image), text);
  });
}

for (const text of ["", "Nginx", "nginx:", "nginx:a b", "http://nginx", "nginx@sha256:12"]) {
  test(`parseImage: ${JSON.stringify(text)} is no image`, () => {
    assert.equal(parseImage(text), undefined);
  });
}

function pod(image: string | undefined, kind = "Pod"): KubeObject {
  return {
    apiVersion: "v1",
    kind,
    metadata: { name: "p" },
    spec: {
      containers: [{ name: "c", ...(image === undefined ? {} : { image }) }],
      initContainers: [{ name: "i", image: "init" }],
    },
  };
}

for (const { component, operator, value, image, expected } of [
  { component: "Registry", operator: "replace", value: "r.io", image: "nginx:1", expected: "r.io/nginx:1" },
  { component: "Registry", operator: "replace", value: "r.io", image: "q.io/nginx:1", expected: "r.io/nginx:1" },
  { component: "Registry", operator: "add", value: ":5000", image: "q.io/nginx", expected: "q.io:5000/nginx" },
  { component: "Registry", operator: "remove", image: "q.io/team/nginx", expected: "team/nginx" },
  { component: "Repository", operator: "replace", value: "httpd", image: "q.io/nginx:1", expected: "q.io/httpd:1" },
  { component: "Repository", operator: "add", value: "-slim", image: "nginx:1", expected: "nginx-slim:1" },
  { component: "Tag", operator: "replace", value: "2", image: "nginx:1", expected: "nginx:2" },
  { component: "Tag", operator: "replace", value: digest, image: "nginx:1", expected: `nginx@${digest}` },
  { component: "Tag", operator: "replace", value: "not a tag", image: "nginx:1", expected: "nginx:1" },
  { component: "Tag", operator: "add", value: "-alpine", image: "nginx:1", expected: "nginx:1-alpine" },
  { component: "Tag", operator: "remove", image: "nginx:1", expected: "nginx" },
  { component: "Tag", operator: "remove", image: `nginx@${digest}`, expected: "nginx" },
  { component: "Tag", operator: "add", value: "x", image: "nginx", expected: "nginx:x" },
] satisfies readonly (ImageOverrider & { image: string; expected: string })[]) {
  test(`imageOverrider: ${operator} ${component} of ${image.slice(0, 20)}`, () => {
    const before = pod(image);
    const result = overrideImages(before, { component, operator, ...(value === undefined ? {} : { value }) });
    assert.deepEqual(result, pod(expected));
    assert.deepEqual(before, pod(image), "the manifest itself stays");
  });
}

test("imageOverrider: workloads have containers in their template, other kinds are left alone", () => {
  const template = { spec: { containers: [{ name: "c", image: "nginx:1" }] } };
  const overrider: ImageOverrider = { component: "Tag", operator: "replace", value: "2" };
  for (const kind of ["Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "Job"]) {
    const result = overrideImages({ ...pod(undefined, kind), spec: { template } }, overrider);
    assert.deepEqual(fieldOf(result, "spec", "template", "spec", "containers"), [{ name: "c", image: "nginx:2" }]);
  }
  const other = pod("nginx:1", "CloneSet");
  assert.equal(overrideImages(other, overrider), other);
});

test("imageOverrider: a predicate points at any string of any kind", () => {
  const object = { ...pod(undefined, "Widget"), spec: { images: ["nginx:1", 5] } };
  const at = (path: string): unknown =>
    overrideImages(object, { component: "Tag", operator: "replace", value: "2", predicate: { path } });
  assert.deepEqual(fieldOf(at("/spec/images/0"), "spec", "images"), ["nginx:2", 5]);
  assert.throws(() => at("/spec/images/1"), { message: "the value at /spec/images/1 is not a string" });
  assert.throws(() => at("/spec/image"), { message: "path /spec/image does not exist" });
});

test("imageOverrider: a container without an image is an error", () => {
  assert.throws(() => overrideImages(pod(undefined), { component: "Tag", operator: "remove" }), {
    message: '"" is not an image reference',
  });
});
