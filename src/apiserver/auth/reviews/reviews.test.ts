import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Resource } from "#api/resource.ts";
import type { VirtualHandler, VirtualRequest } from "../../options.ts";
import type { Attributes } from "../authorizer.ts";
import { staticTokenAuthenticator } from "../authenticators.ts";
import { localSubjectAccessReview, selfSubjectAccessReview, subjectAccessReview } from "./access-reviews.ts";
import { reviewerOf, selfSubjectReview, tokenReview } from "./identity-reviews.ts";
import { selfSubjectRulesReview } from "./rules-review.ts";

const requester = { name: "alice", groups: ["devs", "system:authenticated"] };

async function post(handler: VirtualHandler, kind: string, spec: unknown, namespace = "") {
  const group =
    kind === "TokenReview" || kind === "SelfSubjectReview" ? "authentication.k8s.io" : "authorization.k8s.io";
  const object = { apiVersion: `${group}/v1`, kind, metadata: { name: "" }, spec };
  const resource = { kind: { group, version: "v1", kind } } as unknown as Resource;
  const answer = await handler({ object, resource, user: requester, namespace } as unknown as VirtualRequest);
  assert.deepEqual(answer["spec"], spec);
  return answer["status"];
}

const asked: Attributes[] = [];
/** Allows what is asked of deployments. */
function authorize(attributes: Attributes) {
  asked.push(attributes);
  return { allowed: attributes.resource === "deployments", reason: attributes.resource === "deployments" ? "why" : "" };
}

const deployments = { namespace: "prod", verb: "delete", group: "apps", resource: "deployments", name: "shop" };

describe("access reviews", () => {
  test("about another user, whose groups are taken literally", async () => {
    const spec = { user: "bob", groups: ["ops"], extra: { Scopes: ["a"] }, resourceAttributes: deployments };
    assert.deepEqual(await post(subjectAccessReview(authorize), "SubjectAccessReview", spec), {
      allowed: true,
      reason: "why",
    });
    assert.deepEqual(asked.at(-1), {
      user: { name: "bob", groups: ["ops"], extra: { scopes: ["a"] } },
      ...deployments,
      version: "",
      subresource: "",
      path: "",
      isResource: true,
    });
  });

  test("about oneself, for a path", async () => {
    const spec = { nonResourceAttributes: { path: "/metrics", verb: "get" } };
    assert.deepEqual(await post(selfSubjectAccessReview(authorize), "SelfSubjectAccessReview", spec), {
      allowed: false,
    });
    assert.equal(asked.at(-1)?.user, requester);
    assert.equal(asked.at(-1)?.path, "/metrics");
    assert.equal(asked.at(-1)?.isResource, false);
  });

  for (const { name, handler, kind, spec, message } of [
    {
      name: "neither kind of attributes",
      handler: selfSubjectAccessReview,
      kind: "SelfSubjectAccessReview",
      spec: {},
      message:
        "spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified",
    },
    {
      name: "both kinds of attributes",
      handler: selfSubjectAccessReview,
      kind: "SelfSubjectAccessReview",
      spec: { resourceAttributes: {}, nonResourceAttributes: { path: "/x" } },
      message:
        'spec.nonResourceAttributes: Invalid value: {"path":"/x"}: cannot be specified in combination with resourceAttributes',
    },
    {
      name: "no subject",
      handler: subjectAccessReview,
      kind: "SubjectAccessReview",
      spec: { resourceAttributes: {} },
      message: 'spec.user: Invalid value: "": at least one of user or group must be specified',
    },
    {
      name: "another namespace",
      handler: localSubjectAccessReview,
      kind: "LocalSubjectAccessReview",
      spec: { user: "bob", resourceAttributes: deployments },
      message: 'spec.resourceAttributes.namespace: Invalid value: "prod": must match metadata.namespace',
    },
  ]) {
    test(name, async () => {
      await assert.rejects(post(handler(authorize), kind, spec, "test"), {
        reason: "Invalid",
        message: `${kind}.authorization.k8s.io "" is invalid: ${message}`,
      });
    });
  }
});

test("rules reviews list rules unmerged and never answer null", async () => {
  const source = {
    synced: true,
    clusterRole: () => ({
      rules: [
        { verbs: ["get"], apiGroups: [""], resources: ["pods"], resourceNames: ["a"] },
        { verbs: ["get"], nonResourceURLs: ["/x"] },
      ],
    }),
    role: () => undefined,
    clusterRoleBindings: () => [
      {
        metadata: { name: "b" },
        subjects: [{ kind: "Group", name: "devs" }],
        roleRef: { kind: "ClusterRole", name: "r" },
      },
    ],
    roleBindings: () => [],
  };
  const review = (from: typeof source, namespace: string) =>
    post(selfSubjectRulesReview(from), "SelfSubjectRulesReview", { namespace });
  assert.deepEqual(await review(source, "prod"), {
    resourceRules: [{ verbs: ["get"], apiGroups: [""], resources: ["pods"], resourceNames: ["a"] }],
    nonResourceRules: [{ verbs: ["get"], nonResourceURLs: ["/x"] }],
    incomplete: false,
  });
  assert.deepEqual(await review({ ...source, clusterRoleBindings: () => [] }, "prod"), {
    resourceRules: [],
    nonResourceRules: [],
    incomplete: false,
  });
  await assert.rejects(review(source, ""), { message: "no namespace on request" });
});

test("token and self reviews", async () => {
  const known = staticTokenAuthenticator(new Map([["t", { name: "bob", groups: ["ops"], uid: "7" }]]));
  const handler = tokenReview(reviewerOf([known], ["api"]));
  const review = (spec: unknown) => post(handler, "TokenReview", spec);
  assert.deepEqual(await review({ token: "t" }), {
    authenticated: true,
    user: { username: "bob", uid: "7", groups: ["ops", "system:authenticated"] },
    audiences: ["api"],
  });
  assert.deepEqual(await review({ token: "x" }), { user: {}, error: "invalid bearer token" });
  assert.deepEqual(await review({ token: "t", audiences: ["other"] }), { user: {}, error: "invalid bearer token" });
  await assert.rejects(review({}), { message: "token is required for TokenReview in authentication" });
  assert.deepEqual(await post(selfSubjectReview, "SelfSubjectReview", undefined), {
    userInfo: { username: "alice", groups: ["devs", "system:authenticated"] },
  });
});
