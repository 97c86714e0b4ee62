// ResourceQuotas as people meet them in a member and in the control plane: create, describe, refusals, what is given back.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { eventually, needsKubectl, type Plane, startPlane } from "./plane.ts";

const soonMilliseconds = 30_000;

describe("kubectl and quotas", needsKubectl, () => {
  let plane: Plane;
  const member = { context: "member1" };
  before(async () => {
    plane = await startPlane(["--members", "1"]);
  });
  after(() => plane.dispose());

  const usage = (text: RegExp, options: { context?: string } = {}): Promise<unknown> =>
    eventually(`the usage ${text.source}`, soonMilliseconds, async () => {
      const out = await plane.kubectl("describe quota limits", options);
      assert.match(out, text);
      return out;
    });

  test("a member keeps to its quota, and its Deployment says why a pod is missing", async () => {
    await plane.kubectl("create quota limits --hard pods=2,requests.cpu=1 --scopes NotTerminating", member);
    await usage(/pods +0 +2\nrequests.cpu +0 +1\n/, member);
    await plane.kubectl("create deployment web --image nginx --replicas 0", member);
    await plane.kubectl("set resources deployment web --requests cpu=300m", member);
    await plane.kubectl("scale deployment web --replicas 3", member);
    await usage(/pods +2 +2\nrequests.cpu +600m +1\n/, member);
    const failure = "-o jsonpath={.status.conditions[?(@.type=='ReplicaFailure')].message}";
    await eventually("the Deployment to say so", soonMilliseconds, async () => {
      const why = await plane.kubectl(["get", "deployment", "web", ...failure.split(" ")], member);
      assert.match(why, /exceeded quota: limits, requested: pods=1, used: pods=2, limited: pods=2$/);
      return why;
    });
    const lone = await plane.tryKubectl("run lone --image nginx", member);
    assert.match(lone.err, /"lone" is forbidden: failed quota: limits: must specify requests.cpu for: lone/);
    await plane.kubectl("scale deployment web --replicas 1", member);
    await usage(/pods +1 +2\nrequests.cpu +300m +1\n/, member);
  });

  test("the control plane keeps to its quotas", async () => {
    await plane.kubectl("create quota limits --hard count/deployments.apps=1,secrets=0");
    await usage(/count\/deployments.apps +0 +1\nsecrets +0 +0\n/);
    assert.equal(await plane.kubectl("create deployment one --image nginx"), "deployment.apps/one created\n");
    const two = await plane.tryKubectl("create deployment two --image nginx");
    assert.match(
      two.err,
      /deployments.apps "two" is forbidden: exceeded quota: limits, requested: count\/deployments.apps=1, used: count\/deployments.apps=1, limited: count\/deployments.apps=1/,
    );
    assert.match(await plane.kubectl("get quota limits"), /count\/deployments.apps: 1\/1, secrets: 0\/0/);
    await plane.kubectl("delete deployment one");
    await usage(/count\/deployments.apps +0 +1\n/);
  });
});
