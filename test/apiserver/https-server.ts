// An HTTPS server for a test: what a webhook is to those who call it.
import assert from "node:assert/strict";
import { once } from "node:events";
import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import type { TestContext } from "node:test";
import { createAuthority, issueServerCertificate } from "#install/certificates.ts";
import { systemRandom } from "#std/random.ts";
import { systemClock } from "#std/time.ts";

const common = { clock: systemClock, random: systemRandom() };

export interface HttpsServer {
  /** Without a slash at the end. */
  readonly url: string;
  /** PEM, of who has signed its certificate. */
  readonly authority: string;
}

/** Listens until the test is over, with a certificate for these hosts. */
export async function serveHttps(
  t: TestContext,
  hosts: readonly string[],
  onRequest: RequestListener,
): Promise<HttpsServer> {
  const authority = await createAuthority({ ...common, commonName: "ca" });
  const { certificate, privateKey } = await issueServerCertificate(authority, { ...common, commonName: "hook", hosts });
  const server = createServer({ cert: certificate, key: privateKey }, onRequest);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return { url: `https://127.0.0.1:${String(address.port)}`, authority: authority.certificate };
}
