import assert from "node:assert/strict";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemRandom } from "#std/random.ts";
import { systemClock } from "#std/time.ts";
import { createAuthority } from "./certificates.ts";
import { keepKeyPair } from "./key-pair-files.ts";

test("issues once, keeps what is good, replaces what is not", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "pairs-"));
  t.after(() => rm(directory, { recursive: true }));
  let issued = 0;
  const keep = (now = systemClock.now()) =>
    keepKeyPair({
      directory,
      name: "ca",
      now,
      issue: () => {
        issued++;
        return createAuthority({ commonName: "ca", clock: systemClock, random: systemRandom() });
      },
    });
  const first = await keep();
  assert.deepEqual(await keep(), first);
  assert.equal(issued, 1);
  assert.equal((await stat(join(directory, "ca.key"))).mode & 0o777, 0o600);

  const renewed = await keep(systemClock.now() + 9 * 365 * 24 * 60 * 60 * 1000);
  assert.notDeepEqual(renewed, first);

  await writeFile(join(directory, "ca.key"), first.privateKey);
  assert.notDeepEqual(await keep(), renewed, "a key that is not the certificate's");
  await writeFile(join(directory, "ca.crt"), "half of a certif");
  await keep();
  assert.equal(issued, 4);
});
