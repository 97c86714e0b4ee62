import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isApiError } from "#machinery/api-error.ts";
import type { Attributes } from "./authorizer.ts";
import { impersonatedUser } from "./impersonation.ts";

const alice = { name: "alice", groups: ["devs"] };

async function impersonate(headers: Record<string, string>, allow = (_: Attributes) => true) {
  const asked: string[] = [];
  const user = await impersonatedUser(headers, alice, (attributes) => {
    assert.equal(attributes.user, alice);
    assert.equal(attributes.verb, "impersonate");
    const { group, namespace, resource, subresource, name } = attributes;
    asked.push([group, namespace, resource, subresource, name].join("/"));
    return { allowed: allow(attributes), reason: "" };
  });
  return { user, asked };
}

describe("impersonatedUser", () => {
  for (const { name, headers, user, asked } of [
    { name: "nobody asked for", headers: { authorization: "x" }, user: alice, asked: [] },
    {
      name: "a user",
      headers: { "impersonate-user": "bob" },
      user: { name: "bob", groups: ["system:authenticated"] },
      asked: ["//users//bob"],
    },
    {
      name: "groups, uid and extra",
      headers: {
        "impersonate-user": "bob",
        "impersonate-group": "a, b,c",
        "impersonate-uid": "7",
        "impersonate-extra-acme.com%2fscopes": "view, edit",
      },
      user: {
        name: "bob",
        uid: "7",
        groups: ["a", "b,c", "system:authenticated"],
        extra: { "acme.com/scopes": ["view", "edit"] },
      },
      asked: [
        "//users//bob",
        "//groups//a",
        "//groups//b,c",
        "authentication.k8s.io//uids//7",
        "authentication.k8s.io//userextras/acme.com/scopes/view",
        "authentication.k8s.io//userextras/acme.com/scopes/edit",
      ],
    },
    {
      name: "a service account",
      headers: { "impersonate-user": "system:serviceaccount:prod:robot" },
      user: {
        name: "system:serviceaccount:prod:robot",
        groups: ["system:serviceaccounts", "system:serviceaccounts:prod", "system:authenticated"],
      },
      asked: ["/prod/serviceaccounts//robot"],
    },
    {
      name: "a visitor",
      headers: { "impersonate-user": "system:anonymous" },
      user: { name: "system:anonymous", groups: ["system:unauthenticated"] },
      asked: ["//users//system:anonymous"],
    },
  ]) {
    test(name, async () => {
      assert.deepEqual(await impersonate(headers), { user, asked });
    });
  }

  test("every value must be allowed, and the refusal names the requester", async () => {
    const headers = { "impersonate-user": "bob", "impersonate-group": "system:masters" };
    await assert.rejects(
      impersonate(headers, ({ resource }) => resource !== "groups"),
      {
        reason: "Forbidden",
        message:
          'groups "system:masters" is forbidden: User "alice" cannot impersonate resource "groups" in API group "" at the cluster scope',
      },
    );
    const extra = { "impersonate-user": "bob", "impersonate-extra-scopes": "v" };
    await assert.rejects(
      impersonate(extra, ({ resource }) => resource !== "userextras"),
      {
        message:
          'userextras.authentication.k8s.io "v" is forbidden: User "alice" cannot impersonate resource "userextras/scopes" in API group "authentication.k8s.io" at the cluster scope',
      },
    );
  });

  test("groups without a user make no sense", async () => {
    for (const header of ["impersonate-group", "impersonate-uid", "impersonate-extra-a"]) {
      await assert.rejects(impersonate({ [header]: "x" }), (error) => isApiError(error, "BadRequest"));
    }
  });
});
