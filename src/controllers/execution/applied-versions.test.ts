// Versions of member objects: of which Work's state, and of which cluster.
import assert from "node:assert/strict";
import { test } from "node:test";
import { deploymentWith, workWith } from "../testing.ts";
import { AppliedVersions } from "./applied-versions.ts";

const kind = { group: "apps", version: "v1", kind: "Deployment" };
const object = deploymentWith({ resourceVersion: "10" });
const work = workWith("m1", {}, undefined, { uid: "w", generation: 1 });

test("an object is current while neither it nor its Work changes", () => {
  const versions = new AppliedVersions();
  assert.equal(versions.isCurrent("m1", kind, object, work), false);
  versions.record("m1", kind, object, work);
  assert.equal(versions.versionOf("m1", kind, object.metadata), "10");
  assert.equal(versions.isCurrent("m1", kind, object, work), true);
  assert.equal(versions.isCurrent("m2", kind, object, work), false);
  assert.equal(versions.isCurrent("m1", kind, deploymentWith({ resourceVersion: "11" }), work), false);
  assert.equal(versions.isCurrent("m1", kind, deploymentWith({ resourceVersion: "10", uid: "other" }), work), false);
  assert.equal(
    versions.isCurrent("m1", kind, object, workWith("m1", {}, undefined, { uid: "w", generation: 2 })),
    false,
  );
});

test("what is forgotten is not known", () => {
  const versions = new AppliedVersions();
  for (const cluster of ["m1", "m2"]) versions.record(cluster, kind, object, work);
  versions.forget("m1", kind, object.metadata);
  assert.equal(versions.versionOf("m1", kind, object.metadata), undefined);
  versions.forgetCluster("m2");
  assert.equal(versions.versionOf("m2", kind, object.metadata), undefined);
});
