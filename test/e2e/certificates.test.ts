// Certificates near their end, authorities too, are renewed at `karmada up`: kubectl and the way into the members go on.
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { createAuthority, type KeyPair } from "#install/certificates.ts";
import { systemRandom } from "#std/random.ts";
import { systemClock } from "#std/time.ts";
import { findKubectl, root, startPlane } from "./plane.ts";

const aMinute = 60_000;

test("certificates near their end are renewed at up, and everything goes on", async (t) => {
  const kubectl = findKubectl((text) => {
    t.diagnostic(text);
  });
  if (kubectl === undefined) return;
  const home = mkdtempSync(path.join(tmpdir(), "karmada-e2e-"));
  t.after(() => {
    rmSync(home, { recursive: true, force: true });
  });
  const first = await startPlane([], home);
  try {
    await first.kubectl("create configmap kept --from-literal=a=b");
  } finally {
    await first.stop();
  }
  const authorities = globSync("data/**/ca.crt", { cwd: home }).map((file) => path.join(home, file));
  assert.equal(authorities.length, 4, "one of the control plane, one of each member");
  for (const file of authorities) writePair(file, await dying());
  const second = await startPlane([], home);
  try {
    assert.equal((await second.kubectl("get configmap kept -o name")).trim(), "configmap/kept");
    assert.equal(await second.kubectl("get --raw /readyz", { context: "member1" }), "ok");
    await second.kubectl(["apply", "-f", path.join(root, "examples", "nginx")]);
    for (const context of ["member1", "member2", "member3"]) {
      await second.kubectl("wait deployment/nginx --for=create --timeout=60s", { context });
    }
  } finally {
    await second.stop();
  }
  for (const file of authorities) assert.ok(daysLeft(file) > 365, `${file} was not renewed`);
});

function dying(): Promise<KeyPair> {
  return createAuthority({ clock: systemClock, random: systemRandom(), commonName: "old", validity: aMinute });
}

function writePair(file: string, { certificate, privateKey }: KeyPair): void {
  writeFileSync(file, certificate);
  writeFileSync(file.replace(/\.crt$/, ".key"), privateKey);
}

function daysLeft(file: string): number {
  const { validToDate } = new X509Certificate(readFileSync(file));
  return (validToDate.getTime() - Date.now()) / 86_400_000;
}
