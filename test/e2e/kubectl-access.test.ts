// Who may do what: RBAC as kubectl shows it, impersonation, and tokens of service accounts as credentials.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { eventually, needsKubectl, type Plane, quietly, type Ran, startPlane, withToken } from "./plane.ts";

const robot = "system:serviceaccount:default:robot";

describe("access with kubectl", needsKubectl, () => {
  let plane: Plane;
  before(async () => {
    plane = await startPlane(["--members", "1"]);
    await quiet("create serviceaccount robot");
    await quiet("create configmap seen --from-literal a=b");
  });
  after(() => plane.dispose());
  const quiet = (args: readonly string[] | string): Promise<string> => quietly(plane, args);
  const tried = (args: string): Promise<Ran> => plane.tryKubectl(args, { context: "member1" });

  test("auth whoami and can-i", async () => {
    assert.match(await quiet("auth whoami"), /Groups\s+\[system:masters system:authenticated\]/);
    assert.equal(await quiet("auth can-i create pods"), "yes\n");
    assert.match(await quiet("auth can-i --list"), /\*\.\*\s+\[\]\s+\[\]\s+\[\*\]/);
    const { code, out } = await tried("auth can-i list pods --as bob");
    assert.equal(code, 1);
    assert.equal(out, "no\n");
  });

  test("what is not allowed is refused in the words of Kubernetes", async () => {
    const { code, err } = await tried("get pods --as bob");
    assert.equal(code, 1);
    const what = 'User "bob" cannot list resource "pods" in API group "" in the namespace "default"';
    assert.equal(err, `Error from server (Forbidden): pods is forbidden: ${what}\n`);
  });

  test("a service account's token is a credential, judged by RBAC", async () => {
    const token = (await quiet("create token robot")).trim();
    const who = await withToken(plane, token, "auth whoami");
    assert.match(who.out, new RegExp(`Username\\s+${robot}\n`));
    assert.match(who.out, /system:serviceaccounts system:serviceaccounts:default system:authenticated/);
    const refused = await withToken(plane, token, "get configmaps");
    const what = `User "${robot}" cannot list resource "configmaps" in API group "" in the namespace "default"`;
    assert.equal(refused.err, `Error from server (Forbidden): configmaps is forbidden: ${what}\n`);

    await quiet("create role reader --verb get,list --resource configmaps");
    await quiet("create rolebinding readers --role reader --serviceaccount default:robot");
    await eventually("the role to count", 10_000, async () =>
      (await withToken(plane, token, "get configmaps -o name")).out.includes("configmap/seen"),
    );
    const everywhere = await withToken(plane, token, "get configmaps -A");
    assert.match(everywhere.err, /cannot list resource "configmaps" in API group "" at the cluster scope/);
    const deleting = await withToken(plane, token, "delete configmap seen");
    assert.match(deleting.err, /configmaps "seen" is forbidden: User ".*" cannot delete resource "configmaps"/);

    await quiet("delete rolebinding readers");
    await eventually("the role to count no more", 10_000, async () => {
      const ran = await withToken(plane, token, "get configmaps");
      return ran.code === 1 && ran.err.includes("Forbidden");
    });
    await quiet("delete serviceaccount robot");
    await eventually("the token to be void", 15_000, async () =>
      (await withToken(plane, token, "get configmaps")).err.includes("Unauthorized"),
    );
  });

  test("a token that nobody has given is nobody's", async () => {
    const { code, err } = await withToken(plane, "forged", "get configmaps");
    assert.equal(code, 1);
    assert.match(err, /You must be logged in to the server/);
  });
});
