// delete as a user sees it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigMap } from "#api/kinds.ts";
import { startPlanes } from "#controllers/testing-planes.ts";
import { startSession, transcript } from "../../testing.ts";

test("objects are deleted by name, by selector and by file", async () => {
  const planes = await startPlanes({ members: [] });
  try {
    for (const name of ["a", "b", "c", "d"]) {
      const labels = { app: name === "d" ? "other" : "web" };
      await planes.client.create(ConfigMap, { metadata: { name, namespace: "default", labels } });
    }
    const run = startSession({ client: planes.client });
    const shown = await transcript(run, [
      "delete cm a",
      "delete cm a",
      "delete cm a --ignore-not-found",
      "delete cm -l app=web",
      "delete cm",
      "delete cm d --all",
    ]);
    assert.equal(
      shown,
      `$ delete cm a
configmap "a" deleted from default namespace
$ delete cm a
Error from server (NotFound): configmaps "a" not found
(exit code 1)
$ delete cm a --ignore-not-found
$ delete cm -l app=web
configmap "b" deleted from default namespace
configmap "c" deleted from default namespace
$ delete cm
error: resource(s) were provided, but no name was specified: name them, or say --all or -l
See "karmadactl delete --help".
(exit code 1)
$ delete cm d --all
error: name cannot be provided when a selector or --all is specified
See "karmadactl delete --help".
(exit code 1)
`,
    );
    const manifest = JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "d" } });
    assert.equal((await run("delete -f -", manifest)).out, 'configmap "d" deleted from default namespace\n');
  } finally {
    await planes.close();
  }
});
